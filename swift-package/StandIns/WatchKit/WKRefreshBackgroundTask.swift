import Foundation
import StandInSystem
import Synchronization

/// Run time in the background, to be completed exactly once. Any thread.
open class WKRefreshBackgroundTask: NSObject, @unchecked Sendable {
    public let userInfo: (any NSSecureCoding & NSObjectProtocol)?
    let ticket: Ticket
    private let handler = Mutex(Handler(call: nil))

    init(_ ticket: Ticket, userInfo: (any NSSecureCoding & NSObjectProtocol)?) {
        self.ticket = ticket
        self.userInfo = userInfo
    }

    /// Called shortly before the time is over, once. The documentation names no thread, so here it is not the main one.
    open var expirationHandler: (() -> Void)? {
        get { handler.withLock { $0 }.call }
        set {
            let handler = Handler(call: newValue)
            self.handler.withLock { $0 = handler }
            guard newValue != nil else { return ticket.onExpiration(nil) }
            ticket.onExpiration { DispatchQueue.global().async { handler.call?() } }
        }
    }

    /// With true the system asks for a new snapshot at once.
    open func setTaskCompletedWithSnapshot(_ refreshSnapshot: Bool) {
        if refreshSnapshot && ticket.isOpen {
            let system = System.shared
            system.slot { Refreshes(on: system) }.schedule(.snapshot, at: system.now, userInfo: nil)
        }
        ticket.complete()
    }

    /// The platform calls it on a thread of its own, whatever the compiler knows of it.
    private struct Handler: @unchecked Sendable {
        let call: (() -> Void)?
    }
}

/// A run that the app has asked for.
open class WKApplicationRefreshBackgroundTask: WKRefreshBackgroundTask, @unchecked Sendable {}

/// Events of the background `URLSession` with this identifier are waiting.
open class WKURLSessionRefreshBackgroundTask: WKRefreshBackgroundTask, @unchecked Sendable {
    public let sessionIdentifier: String

    init(_ ticket: Ticket, sessionIdentifier: String) {
        self.sessionIdentifier = sessionIdentifier
        super.init(ticket, userInfo: nil)
    }
}

/// A moment before the system takes the app's picture.
open class WKSnapshotRefreshBackgroundTask: WKRefreshBackgroundTask, @unchecked Sendable {
    open func setTaskCompleted(
        restoredDefaultState: Bool, estimatedSnapshotExpiration: Date?,
        userInfo: (any NSSecureCoding & NSObjectProtocol)?
    ) {
        ticket.complete()
    }
}
