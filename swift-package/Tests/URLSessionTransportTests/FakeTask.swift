import BackhaulTestSupport
import Foundation

@testable import Backhaul

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A download of the fake service, as one process sees it. What the test has happen to it happens under the service's
/// lock: the process that connects meanwhile would miss it else.
final class FakeTask: TransferTask, @unchecked Sendable {
    let taskIdentifier: Int
    let originalRequest: URLRequest?

    private let service: FakeService
    private let resumedFrom: Data?
    private let lock = NSLock()
    private var description: String?
    private var isOf: URLSessionTask.State
    private var answered: URLResponse?
    private var expected: Int64 = 0
    /// What no process has heard.
    private var untold: [FakeService.Event]

    init(_ service: FakeService, _ request: URLRequest, identifier: Int, resumedFrom: Data?) {
        self.service = service
        taskIdentifier = identifier
        originalRequest = request
        self.resumedFrom = resumedFrom
        isOf = .suspended
        untold = []
    }

    /// The same, for a later process.
    init(_ service: FakeService, _ other: FakeTask, identifier: Int) {
        self.service = service
        taskIdentifier = identifier
        originalRequest = other.originalRequest
        resumedFrom = other.resumedFrom
        description = other.taskDescription
        isOf = other.state
        answered = other.response
        untold = other.lock.withLock { other.untold }
    }

    var taskDescription: String? {
        get { lock.withLock { description } }
        set { lock.withLock { description = newValue } }
    }

    var state: URLSessionTask.State { lock.withLock { isOf } }
    var response: URLResponse? { lock.withLock { answered } }

    var countOfBytesClientExpectsToReceive: Int64 {
        get { lock.withLock { expected } }
        set { lock.withLock { expected = newValue } }
    }

    func resume() {
        set(.running)
        let made = FakeService.Made(description: taskDescription, resumedFrom: resumedFrom)
        service.state.change { $0.made.append(made) }
    }

    func cancel() {
        cancelKeepingData { _ in }
    }

    func cancelKeepingData(_ completion: @escaping @Sendable (Data?) -> Void) {
        let (wasRunning, data) = service.state.change { state in
            state.cancelled.append(taskDescription)
            return (state.tasks.contains { $0 === self }, state.resumeData)
        }
        guard wasRunning, state == .running else { return completion(nil) }
        set(.canceling)
        completion(data)
        let cancelled = NSError(domain: NSURLErrorDomain, code: NSURLErrorCancelled)
        service.state.change { state in
            happens(isEnd: true, for: state.host) { $0.download($1, didCompleteWith: cancelled) }
        }
    }

    private func set(_ state: URLSessionTask.State) {
        // A change of the service's, too: tests wait for it.
        service.state.change { _ in become(state) }
    }

    // MARK: - What the test lets happen, under the service's lock

    func become(_ state: URLSessionTask.State) {
        lock.withLock { isOf = state }
    }

    func answer(_ status: Int, _ fields: [String: String]) {
        let response = HTTPURLResponse(
            url: originalRequest!.url!, statusCode: status, httpVersion: "HTTP/1.1", headerFields: fields)
        lock.withLock { answered = response }
    }

    func happens(isEnd: Bool, for host: URLSessionHost?, _ event: @escaping FakeService.Event) {
        let whole: FakeService.Event = { host, task in
            event(host, task)
            if isEnd { task.remove() }
        }
        guard let host else {
            return lock.withLock { untold.append(whole) }
        }
        host.queue.async { whole(host, self) }
    }

    func tellUntold(to host: URLSessionHost) {
        let events = lock.withLock {
            defer { untold = [] }
            return untold
        }
        for event in events {
            host.queue.async { event(host, self) }
        }
    }

    private func remove() {
        service.state.change { $0.tasks.removeAll { $0 === self } }
    }
}
