import BackhaulTestSupport

@testable import Backhaul

/// A scheduler that notes what it was asked for, after the real one was.
final class Witness: WakeSource {
    enum Call: Sendable, Equatable {
        case schedule(WakeRequest)
        case cancel
    }

    let calls = Trace<Call>()
    private let scheduler: any WakeScheduler
    private let life: any AnyObject & Sendable

    init(_ scheduler: any WakeScheduler, oneOf lives: Lives) {
        self.scheduler = scheduler
        life = lives.begin()
    }

    func schedule(_ request: WakeRequest) throws {
        try scheduler.schedule(request)
        calls.add(.schedule(request))
    }

    func cancel() throws {
        try scheduler.cancel()
        calls.add(.cancel)
    }

    func deliver(to sessions: BackgroundSessions) {
        (scheduler as? any WakeSource)?.deliver(to: sessions)
    }

    /// The last request, once it is one for this.
    func request(where isWanted: @escaping @Sendable (WakeRequest.Constraints) -> Bool) async throws -> WakeRequest {
        let calls = try await calls.wait { calls in
            if case .schedule(let request) = calls.last { isWanted(request.constraints) } else { false }
        }
        guard case .schedule(let request) = calls.last else { throw TestFailure("asked for nothing") }
        return request
    }
}
