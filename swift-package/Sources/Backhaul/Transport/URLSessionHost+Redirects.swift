internal import BackhaulGenerated
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

// Where a server sends a transfer. Never called in background sessions. On the queue.
extension URLSessionHost {
    /// Follows a redirect that the rules allow (rule H3), once the delegate was asked; nil takes it as the answer.
    func download(
        _ task: any TransferTask,
        isRedirectedBy response: HTTPURLResponse,
        to proposed: URLRequest,
        _ answer: @escaping @Sendable (URLRequest?) -> Void
    ) {
        guard let transfer = active[task], let order = transfer.order, var trail = transfer.trail else {
            return answer(nil)
        }
        switch trail.follow(proposed, secrets: order.secretHeaders) {
        case .failure(let refusal):
            refuse(task, refusal)
            answer(nil)
            task.cancel()
        case .success(let request):
            transfer.trail = trail
            guard order.asksAboutRedirects, let events, let url = request.url else { return answer(request) }
            events.redirecting(
                id: transfer.id,
                response: response.head(httpVersion: ""),
                url: url.absoluteString,
                answer: Answer { [queue] follows in
                    queue.async { answer(follows ? request : nil) }
                }
            )
        }
    }

    /// The transfer is about to be cancelled, for a reason of ours.
    func refuse(_ task: any TransferTask, _ failure: TransferFailure) {
        active[task]?.refusal = failure
    }
}

/// Takes the core's answer back.
private final class Answer: BackhaulGenerated.RedirectAnswer {
    private let take: @Sendable (Bool) -> Void

    init(_ take: @escaping @Sendable (Bool) -> Void) {
        self.take = take
    }

    func decided(follow: Bool) {
        take(follow)
    }
}
