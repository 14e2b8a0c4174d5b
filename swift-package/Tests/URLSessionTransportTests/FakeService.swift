import BackhaulTestSupport
import Foundation

@testable import Backhaul

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The system's transfer service for one identifier, as Apple documents it, for what Linux lacks: it outlives processes,
/// tells a later one what it did meanwhile, and produces resume data. The test says what happens.
final class FakeService: Sendable {
    /// A download that was made.
    struct Made: Equatable {
        var description: String?
        var resumedFrom: Data?
    }

    struct State: Sendable {
        /// Where events go: the newest process.
        var host: URLSessionHost?
        var tasks: [FakeTask] = []
        var made: [Made] = []
        /// The most that it held at a time.
        var peak = 0
        /// Descriptions of tasks that were cancelled.
        var cancelled: [String?] = []
        /// What a cancelled download can go on from.
        var resumeData: Data?
        /// Sessions that were made, and those that were invalidated and have not said so.
        var connections = 0
        var ending = 0
        /// It takes its time to become invalid.
        var isSlowToEnd = false
        var nextIdentifier = 1

        var running: [FakeTask] { tasks.filter { $0.state == .running } }

        func task(_ description: String) -> FakeTask? {
            tasks.first { $0.taskDescription == description }
        }
    }

    /// Told on the queue of a host.
    typealias Event = @Sendable (URLSessionHost, FakeTask) -> Void

    let state = Watched(State())

    /// A new process makes the session.
    func connect(_ host: URLSessionHost) -> FakeURLSession {
        state.change { state in
            state.host = host
            state.connections += 1
            // Other objects, with other identifiers.
            state.tasks = state.tasks.map { FakeTask(self, $0, identifier: state.newIdentifier()) }
            for task in state.tasks { task.tellUntold(to: host) }
        }
        return FakeURLSession(self)
    }

    /// The process dies: nobody hears anything until another one connects.
    func die() {
        state.change { $0.host = nil }
    }

    func isRunning(_ description: String) async throws {
        try await state.wait(for: "transfer \(description)") { $0.task(description)?.state == .running }
    }

    // MARK: - What the test lets happen

    /// Something happens to a transfer, and is told in order: now, or to the next process. After its end it is no longer
    /// held.
    func happens(_ description: String, isEnd: Bool = false, _ event: @escaping Event) {
        state.change { $0.task(description)!.happens(isEnd: isEnd, for: $0.host, event) }
    }

    /// It answers. Nothing is told of that.
    func answer(_ description: String, status: Int = 200, _ fields: [String: String] = [:]) {
        state.change { $0.task(description)!.answer(status, fields) }
    }

    /// Bytes come.
    func write(_ description: String, _ bytes: Int64, total: Int64, of expected: Int64) {
        happens(description) { $0.download($1, didWrite: bytes, total: total, expectedTotal: expected) }
    }

    /// It is over, and the body lies in a file that is gone when the call returns.
    func finish(_ description: String, _ body: Data, _ metrics: CollectedMetrics? = nil, isTold: Bool = true) {
        end(description)
        happens(description, isEnd: isTold) { host, task in
            let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
            try? body.write(to: file)
            host.download(task, didFinishTo: file)
            try? FileManager.default.removeItem(at: file)
            if let metrics { host.download(task, didCollect: metrics) }
            if isTold { host.download(task, didCompleteWith: nil) }
        }
    }

    /// It fails.
    func fail(_ description: String, _ error: NSError) {
        end(description)
        happens(description, isEnd: true) { $0.download($1, didCompleteWith: error) }
    }

    /// It is over: what is told of it is on its way.
    func end(_ description: String) {
        state.change { $0.task(description)!.become(.completed) }
    }

    /// The session says that it is invalid.
    func becomeInvalid() {
        let host = state.change { state in
            state.ending -= 1
            return state.host
        }
        host?.queue.async { host?.didBecomeInvalid() }
    }

    /// It is gone without a word.
    func forget(_ description: String) {
        state.change { $0.tasks.removeAll { $0.taskDescription == description } }
    }
}

extension FakeService.State {
    mutating func newIdentifier() -> Int {
        defer { nextIdentifier += 1 }
        return nextIdentifier
    }
}

/// A process's handle to the service.
final class FakeURLSession: TransferURLSession {
    private let service: FakeService

    init(_ service: FakeService) {
        self.service = service
    }

    func makeDownload(with request: URLRequest) -> any TransferTask {
        make(request, resumedFrom: nil)
    }

    func makeDownload(resumingFrom data: Data) -> any TransferTask {
        make(URLRequest(url: URL(string: "https://resumed.example/")!), resumedFrom: data)
    }

    private func make(_ request: URLRequest, resumedFrom data: Data?) -> FakeTask {
        service.state.change { state in
            let task = FakeTask(service, request, identifier: state.newIdentifier(), resumedFrom: data)
            state.tasks.append(task)
            state.peak = max(state.peak, state.tasks.count)
            return task
        }
    }

    func allDownloads(_ completion: @escaping @Sendable ([any TransferTask]) -> Void) {
        completion(service.state.current.tasks)
    }

    func finishTasksAndInvalidate() { invalidate() }

    func invalidateAndCancel() { invalidate() }

    private func invalidate() {
        let isSlow = service.state.change { state in
            state.ending += 1
            return state.isSlowToEnd
        }
        if !isSlow { service.becomeInvalid() }
    }
}
