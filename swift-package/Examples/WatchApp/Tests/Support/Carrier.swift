import BackhaulGenerated
import Foundation
import Observation
import StandInSystem

/// The system's transfer service and the server behind it. It carries transfers on while the app sleeps or is dead, and
/// the test says when one is over. All on the main actor, where the test is.
@MainActor @Observable
final class Carrier {
    /// What lies on the server, by path.
    var served: [String: Data] = [:]
    /// Every transfer that was ever started, by path: what was asked for twice is here twice.
    private(set) var started: [String] = []
    private(set) var running: [Transfer] = []

    @ObservationIgnored private let system: System
    @ObservationIgnored private let session: String
    @ObservationIgnored private let folder: URL
    /// Over, and not told yet.
    @ObservationIgnored private var ended: [Transfer] = []
    @ObservationIgnored private var events: TransferEvents?

    init(on system: System, for session: String, folder: URL) {
        self.system = system
        self.session = session
        self.folder = folder
    }

    var paths: [String] { running.map(\.path) }

    /// These transfers are over: a running app is told now, another one in its next wake.
    func finish(_ paths: String...) throws {
        for path in paths {
            guard let index = running.firstIndex(where: { $0.path == path }) else { throw NotRunning(path: path) }
            ended.append(running.remove(at: index))
            if isAppRunning { try tellEnds() }
            system.transferFinished(in: session)
        }
    }

    /// So many bytes of a running transfer are here.
    func receive(_ bytes: UInt64, of path: String) throws {
        guard let transfer = running.first(where: { $0.path == path }) else { throw NotRunning(path: path) }
        let total = served[path].map { UInt64($0.count) }
        events?.progressed(id: transfer.id, received: bytes, total: total, networkBytes: bytes)
    }

    /// The user ended the app by force: the system cancels its transfers.
    func cancelAll() {
        running = []
    }

    struct NotRunning: Error {
        let path: String
    }

    private var isAppRunning: Bool { ![.suspended, .notRunning].contains(system.appState) }

    private func tellEnds() throws {
        for transfer in ended { try tellEnd(of: transfer) }
        ended = []
    }

    private func tellEnd(of transfer: Transfer) throws {
        let body = served[transfer.path]
        let file = folder.appendingPathComponent(UUID().uuidString)
        try (body ?? Data("not found".utf8)).write(to: file)
        let response = Response(
            url: transfer.url, status: body == nil ? 404 : 200, httpVersion: "HTTP/2.0", headers: [], body: Data(),
            suggestedFilename: nil)
        let length = UInt64(body?.count ?? 9)
        events?.finished(id: transfer.id, file: file.path, len: length, response: response, metrics: .none)
    }
}

// MARK: - For the library, on its own thread

extension Carrier: PlatformTransport {
    nonisolated func capabilities() -> TransportCapabilities {
        TransportCapabilities(outlivesProcess: true, window: nil)
    }

    nonisolated func attach(events: TransferEvents) {
        onMain { self.events = events }
    }

    nonisolated func start(transfer: Transfer) {
        onMain {
            guard !self.running.contains(where: { $0.id == transfer.id }) else { return }
            self.running.append(transfer)
            self.started.append(transfer.path)
            self.system.transferStarted(in: self.session)
        }
    }

    nonisolated func stop(id: TransferId) {
        onMain {
            if self.running.contains(where: { $0.id == id }) { self.system.transferFinished(in: self.session) }
            self.running.removeAll { $0.id == id }
            self.events?.stopped(id: id, metrics: .none, received: 0)
        }
    }

    nonisolated func forget(task: Int64) {}

    nonisolated func list() {
        onMain {
            // An end that cannot be told is missed by the test.
            try? self.tellEnds()
            self.events?.listed(transfers: self.running.map(\.id))
        }
    }
}

/// In the order of the calls.
private func onMain(_ work: @escaping @MainActor @Sendable () -> Void) {
    DispatchQueue.main.async { MainActor.assumeIsolated(work) }
}

extension Transfer {
    fileprivate var path: String { String(url.dropFirst(Watch.server.absoluteString.count)) }
}

extension TaskMetrics {
    fileprivate static let none = TaskMetrics(
        firstByte: 0, duration: 0, received: 0, discarded: 0, attempts: 1, redirects: 0, httpVersion: "HTTP/2.0",
        remoteAddress: nil)
}
