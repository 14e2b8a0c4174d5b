internal import BackhaulGenerated
import Foundation

/// The adapter's way to its session: weak, except while a session that was invalidated finishes its tasks.
final class SessionReference: @unchecked Sendable {
    private let condition = NSCondition()
    private weak var session: Session?
    private var kept: Session?
    private var isBound = false
    private var isInvalid = false

    func bind(_ session: Session) {
        condition.lock()
        self.session = session
        isBound = true
        condition.broadcast()
        condition.unlock()
    }

    func keep(_ session: Session) {
        condition.lock()
        if !isInvalid { kept = session }
        condition.unlock()
    }

    /// Nobody is kept any more. What is let go of may be the last reference: not under the lock.
    func letGo() {
        condition.lock()
        isInvalid = true
        let session = kept
        kept = nil
        condition.unlock()
        withExtendedLifetime(session) {}
    }

    /// The session, once there is one. Whoever makes it binds it at once, without calling the app in between.
    ///
    /// Throws when the app has let go of it: what it is not told any more is told at the next launch.
    func wait() throws -> Session {
        condition.lock()
        defer { condition.unlock() }
        while !isBound { condition.wait() }
        guard let session else {
            throw BackhaulGenerated.CallbackError.Failed(reason: "the session is gone")
        }
        return session
    }
}
