import BackhaulGenerated
import Foundation
import Synchronization

/// The system's transfer service as one session sees it. It moves no bytes: the test says when a transfer is finished.
/// It survives the app; what happened meanwhile is told to the next life before its list.
final class Daemon: PlatformTransport {
    private struct State {
        var events: TransferEvents?
        var running: [TransferId] = []
        /// Finished, and not told yet.
        var finished: [TransferId] = []
    }

    /// The transfers that were started, of all lives.
    let started = Trace<String>()
    private let files: URL
    private let state = Mutex(State())

    init(files: URL) {
        self.files = files
    }

    /// Finishes all that runs, and says how many that were. The app hears of it when it next asks for the list: at a
    /// wake or a launch.
    func finishAll() -> Int {
        state.withLock { state in
            defer { state.running = [] }
            state.finished += state.running
            return state.running.count
        }
    }

    // MARK: - For the library

    func capabilities() -> TransportCapabilities {
        TransportCapabilities(outlivesProcess: true, window: nil)
    }

    func attach(events: TransferEvents) {
        state.withLock { $0.events = events }
    }

    func start(transfer: Transfer) {
        state.withLock { state in
            if !state.running.contains(transfer.id) { state.running.append(transfer.id) }
        }
        started.add(transfer.url)
    }

    func stop(id: TransferId) {
        let events = state.withLock { state in
            state.running.removeAll { $0 == id }
            return state.events
        }
        events?.stopped(id: id, metrics: .none, received: 0)
    }

    func forget(task: Int64) {}

    func list() throws {
        let (events, finished, running) = state.withLock { state in
            defer { state.finished = [] }
            return (state.events, state.finished, state.running)
        }
        for id in finished { try events?.finished(id, in: files) }
        events?.listed(transfers: running)
    }
}

extension TransferEvents {
    fileprivate func finished(_ id: TransferId, in folder: URL) throws {
        let file = folder.appendingPathComponent(UUID().uuidString)
        let body = Data("a file".utf8)
        try body.write(to: file)
        let response = Response(
            url: "https://example.com/", status: 200, httpVersion: "HTTP/2.0", headers: [], body: Data(),
            suggestedFilename: nil)
        finished(id: id, file: file.path, len: UInt64(body.count), response: response, metrics: .none)
    }
}

extension TaskMetrics {
    fileprivate static let none = TaskMetrics(
        firstByte: 0, duration: 0, received: 0, discarded: 0, attempts: 1, redirects: 0, httpVersion: "HTTP/2.0",
        remoteAddress: nil)
}
