import Dispatch
import StandInSystem
import Synchronization

/// Tells the app how the device reaches the network, on the queue that it was started on: once after the start, and
/// at each change. Nothing comes after ``cancel()``, and a cancelled monitor cannot be started again.
public final class NWPathMonitor: Sendable {
    private struct State {
        var handler: (@Sendable (NWPath) -> Void)?
        var queue: DispatchQueue?
        var isCancelled = false
    }

    private let state = Mutex(State())

    public init() {}

    public var pathUpdateHandler: (@Sendable (NWPath) -> Void)? {
        get { state.withLock { $0.handler } }
        set { state.withLock { $0.handler = newValue } }
    }

    /// On a watch the path of an ordinary app stays unsatisfied (TN3135).
    public var currentPath: NWPath {
        NWPath(System.shared.device == .watch ? .init(nil) : System.shared.conditions.network)
    }

    public var queue: DispatchQueue? { state.withLock { $0.queue } }

    public func start(queue: DispatchQueue) {
        let isFirst = state.withLock { state in
            guard state.queue == nil, !state.isCancelled else { return false }
            state.queue = queue
            return true
        }
        guard isFirst else { return }
        System.shared.observe([.network]) { [weak self] _ in self?.tell() }
        tell()
    }

    public func cancel() {
        state.withLock { state in
            state.isCancelled = true
            state.handler = nil
        }
    }

    private func tell() {
        let path = currentPath
        queue?.async { [self] in
            let handler = state.withLock { $0.isCancelled ? nil : $0.handler }
            handler?(path)
        }
    }
}
