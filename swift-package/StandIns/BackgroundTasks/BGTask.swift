import Foundation
import StandInSystem
import Synchronization

/// Run time for one request, to be completed exactly once.
///
/// Not Sendable, as on the platform. Without an expiration handler the system marks the task as complete and
/// unsuccessful when its time is over; to complete it after that is too late.
open class BGTask: NSObject {
    public let identifier: String
    let ticket: Ticket
    private let handler = Mutex(Handler(call: nil))
    private let queue: DispatchQueue

    init(_ identifier: String, ticket: Ticket, queue: DispatchQueue) {
        self.identifier = identifier
        self.ticket = ticket
        self.queue = queue
    }

    /// Called shortly before the time is over, once, on the queue of the launch handler. The documentation names no
    /// thread: an app must not count on the main one.
    open var expirationHandler: (() -> Void)? {
        get { handler.withLock { $0 }.call }
        set {
            let handler = Handler(call: newValue)
            self.handler.withLock { $0 = handler }
            guard newValue != nil else { return ticket.onExpiration(nil) }
            ticket.onExpiration { [queue] in queue.async { handler.call?() } }
        }
    }

    open func setTaskCompleted(success: Bool) {
        BGTaskScheduler.shared.outcomes.withLock { $0[identifier] = success }
        ticket.complete()
    }

    /// The platform hands the handler to its own queue, whatever the compiler knows of it.
    private struct Handler: @unchecked Sendable {
        let call: (() -> Void)?
    }
}

/// A short task that refreshes the app's content.
open class BGAppRefreshTask: BGTask {}

/// A task of minutes, while the device is idle.
open class BGProcessingTask: BGTask {}
