internal import BackhaulGenerated
import Foundation

/// The system's `URLSession` as a session's transport: what the session holds of a ``URLSessionHost``.
///
/// Its methods are called on the core's thread and return at once: everything happens on the host's queue, in order. It
/// is released with the session, and that is when it leaves its host.
final class URLSessionTransport: BackhaulGenerated.PlatformTransport {
    /// Transfers that the system is given at a time: making each takes it some 10 ms, and so it is never given a whole
    /// queue. More follow as they end, and at each wake.
    static let window: UInt32 = 64

    let host: URLSessionHost
    private let settings: SessionSettings

    init(_ host: URLSessionHost, _ settings: SessionSettings) {
        self.host = host
        self.settings = settings
    }

    deinit {
        let (host, token) = (host, ObjectIdentifier(self))
        host.queue.async { host.detach(token) }
    }

    func capabilities() -> TransportCapabilities {
        TransportCapabilities(outlivesProcess: host.outlivesProcess, window: Self.window)
    }

    func attach(events: TransferEvents) {
        attach(toListener: events)
    }

    /// As above, for whoever listens.
    func attach(toListener events: any TransferEventsProtocol) {
        let token = ObjectIdentifier(self)
        host.queue.async { [host, settings] in host.attach(token, events, with: settings) }
    }

    func start(transfer: BackhaulGenerated.Transfer) {
        host.queue.async { [host] in host.start(transfer) }
    }

    func stop(id: TransferId) {
        host.queue.async { [host] in host.stop(id) }
    }

    func list() {
        host.queue.async { [host] in host.list() }
    }

    func forget(task: Int64) {
        host.queue.async { [host] in host.forget(task) }
    }
}
