import Foundation

/// A reference that any thread may read and change.
final class Held<Object: AnyObject & Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var object: Object?

    var value: Object? {
        get { lock.withLock { object } }
        set {
            let before = lock.withLock {
                defer { object = newValue }
                return object
            }
            // What is let go of may be a last reference: not under the lock.
            withExtendedLifetime(before) {}
        }
    }
}
