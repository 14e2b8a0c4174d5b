import Foundation
import StandInSystem
import Synchronization

public struct UIBackgroundTaskIdentifier: Hashable, RawRepresentable, Sendable {
    public static let invalid = UIBackgroundTaskIdentifier(rawValue: 0)

    public let rawValue: Int

    public init(rawValue: Int) {
        self.rawValue = rawValue
    }
}

/// Time to finish something after the app came to the background. Any thread. An app that does not end each task
/// before its time is over is killed.
extension UIApplication {
    public nonisolated func beginBackgroundTask(
        expirationHandler handler: (@MainActor @Sendable () -> Void)? = nil
    ) -> UIBackgroundTaskIdentifier {
        beginBackgroundTask(withName: nil, expirationHandler: handler)
    }

    /// The handler is called on the main thread shortly before the time is over.
    public nonisolated func beginBackgroundTask(
        withName taskName: String?, expirationHandler handler: (@MainActor @Sendable () -> Void)? = nil
    ) -> UIBackgroundTaskIdentifier {
        backgroundTasks.begin(taskName ?? "unnamed", handler)
    }

    public nonisolated func endBackgroundTask(_ identifier: UIBackgroundTaskIdentifier) {
        backgroundTasks.end(identifier)
    }
}

/// The background tasks that the app has begun, by their identifiers.
final class BackgroundTasks: Sendable {
    private let system: System
    private let begun = Mutex<[Ticket]>([])

    init(on system: System) {
        self.system = system
    }

    func begin(_ name: String, _ handler: (@MainActor @Sendable () -> Void)?) -> UIBackgroundTaskIdentifier {
        let limit = system.limits.backgroundTask
        guard let ticket = system.openTicket(.backgroundTask(name), limit: limit) else { return .invalid }
        // The device calls on the main thread, which is the main actor's.
        if let handler { ticket.onExpiration { MainActor.assumeIsolated { handler() } } }
        return begun.withLock { begun -> UIBackgroundTaskIdentifier in
            begun.append(ticket)
            return UIBackgroundTaskIdentifier(rawValue: begun.count)
        }
    }

    /// One that was never begun is ignored, as is the invalid one.
    func end(_ identifier: UIBackgroundTaskIdentifier) {
        let ticket = begun.withLock { begun -> Ticket? in
            begun.indices.contains(identifier.rawValue - 1) ? begun[identifier.rawValue - 1] : nil
        }
        ticket?.complete()
    }
}
