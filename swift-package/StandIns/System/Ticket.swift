import Foundation
import Synchronization

/// Run time that the platform lent the app, to be given back exactly once: a completion handler, a refresh task,
/// a background task.
///
/// Its clock runs only while the app is in the background. At the warning its expiration handler is called; at the
/// limit the app is killed.
public final class Ticket: Sendable {
    public enum Kind: Sendable, Hashable {
        /// Events of the background `URLSession` with this identifier.
        case backgroundSession(String)
        /// A refresh of the app: `BGAppRefreshTask` with this identifier, or a watch's refresh, which has none.
        case appRefresh(String)
        /// `BGProcessingTask` with this identifier.
        case processing(String)
        /// A watch's snapshot.
        case snapshot
        /// `beginBackgroundTask` with this name.
        case backgroundTask(String)
    }

    /// What the documentation asks for beyond "exactly once, in time".
    public enum Rule: Sendable {
        /// The call that completes it has to be made on the main thread.
        case completesOnMainThread(call: String)
        /// Where there is no expiration handler, the system completes it at the warning and nobody is killed.
        case endsItselfWithoutHandler
    }

    enum State: Equatable {
        case open
        case completed
        /// The system completed it.
        case ended
        /// Its time was over; holds which death that was.
        case fatal(death: Int)
    }

    public let kind: Kind
    let rule: Rule?
    let limit: Duration
    let system: System
    let process: AppProcess
    let state = Mutex(State.open)
    private let expirationHandler = Mutex<(@Sendable () -> Void)?>(nil)

    init(_ kind: Kind, limit: Duration, rule: Rule?, of process: AppProcess, on system: System) {
        self.kind = kind
        self.limit = limit
        self.rule = rule
        self.process = process
        self.system = system
    }

    /// Gives the ticket back. Any thread, unless the rule says otherwise.
    public func complete() {
        system.complete(self)
    }

    public var isOpen: Bool { state.withLock { $0 == .open } }

    /// Calls this shortly before the limit, on the main thread.
    public func onExpiration(_ handler: (@Sendable () -> Void)?) {
        expirationHandler.withLock { $0 = handler }
    }

    /// Taken out, so that it is called once.
    func takeExpirationHandler() -> (@Sendable () -> Void)? {
        expirationHandler.withLock { handler in
            defer { handler = nil }
            return handler
        }
    }
}
