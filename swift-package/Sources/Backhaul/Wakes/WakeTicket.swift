internal import BackhaulGenerated
import Foundation

/// The platform's permission to run, and the duty to say when it is no longer needed (rule W3).
///
/// Handed to a session once, with ``Session/handleBackgroundEvents(_:)`` or
/// ``BackgroundSessions/handleBackgroundEvents(forSession:ticket:)``. It is completed exactly once: when
/// everything was told, when its limit is near, or when nobody keeps it.
public final class WakeTicket: Sendable {
    let core: BackhaulGenerated.WakeTicket

    /// A ticket for a wake that the platform just lent.
    ///
    /// - Parameters:
    ///   - limit: When it is completed at the latest, counted from now: 25 seconds unless given, and 10 for a
    ///     session with the limits of a watch.
    ///   - onMain: Whether `completion` runs on the main queue, as UIKit's and WatchKit's want it (rule W4); else
    ///     on any thread.
    ///   - completion: Tells the platform. Must neither block nor call a session.
    public init(
        limit: Duration? = nil,
        onMain: Bool = true,
        completion: @escaping @Sendable () -> Void
    ) {
        core = BackhaulGenerated.WakeTicket(
            completion: Completion(completion),
            limit: limit?.interval,
            executor: onMain ? DelegateQueue.main.executor : nil
        )
    }

    /// Completes it now, if no session was given it.
    public func giveBack() {
        core.giveBack()
    }
}

/// The app's closure as the library's completion.
private final class Completion: BackhaulGenerated.WakeCompletion {
    private let tellPlatform: @Sendable () -> Void

    init(_ tellPlatform: @escaping @Sendable () -> Void) {
        self.tellPlatform = tellPlatform
    }

    func complete() {
        tellPlatform()
    }
}
