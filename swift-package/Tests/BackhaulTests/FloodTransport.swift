import BackhaulGenerated
import Foundation

/// A transfer service that says of each byte that it came, as fast as it can.
final class FloodTransport: PlatformTransport, @unchecked Sendable {
    private let folder: URL
    private let size: UInt64
    private let lock = NSLock()
    private var events: TransferEvents?

    init(folder: URL, size: UInt64) {
        self.folder = folder
        self.size = size
    }

    func capabilities() -> TransportCapabilities {
        TransportCapabilities(outlivesProcess: false, window: nil)
    }

    func attach(events: TransferEvents) {
        lock.withLock { self.events = events }
    }

    func list() {
        lock.withLock { events }?.listed(transfers: [])
    }

    func forget(task: Int64) {}

    func stop(id: TransferId) {
        lock.withLock { events }?.stopped(id: id, metrics: metrics, received: 0)
    }

    func start(transfer: Transfer) throws {
        guard let events = lock.withLock({ events }) else { return }
        let file = folder.appendingPathComponent(transferIdText(id: transfer.id))
        try Data(count: Int(size)).write(to: file)
        let response = Response(
            url: transfer.url, status: 200, httpVersion: "HTTP/1.1", headers: [], body: Data(),
            suggestedFilename: nil)
        let (size, metrics) = (size, metrics)
        Thread {
            events.responded(id: transfer.id, response: response, offset: 0, total: size)
            for received in 1...size {
                events.progressed(id: transfer.id, received: received, total: size, networkBytes: 1)
            }
            events.finished(
                id: transfer.id, file: file.path, len: size, response: response, metrics: metrics)
        }.start()
    }

    private var metrics: TaskMetrics {
        TaskMetrics(
            firstByte: 0, duration: 0, received: size, discarded: 0, attempts: 1, redirects: 0,
            httpVersion: "HTTP/1.1", remoteAddress: nil)
    }
}
