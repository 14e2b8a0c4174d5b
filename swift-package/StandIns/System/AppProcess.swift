import Foundation
import Synchronization

/// One life of the app, from launch to death. What the frameworks remember for it dies with it.
public final class AppProcess: Sendable {
    private let slots = Mutex<[ObjectIdentifier: any Sendable]>([:])

    /// A framework's one object of this type in this life, made at its first use.
    public func slot<Value: Sendable>(_ make: () -> Value) -> Value {
        slots.slot(make)
    }
}

extension Mutex<[ObjectIdentifier: any Sendable]> {
    func slot<Slot: Sendable>(_ make: () -> Slot) -> Slot {
        let key = ObjectIdentifier(Slot.self)
        if let found = withLock({ $0[key] }) as? Slot { return found }
        // Made outside the lock: an initialiser may ask for other slots.
        let made = make()
        return withLock { slots in
            if let found = slots[key] as? Slot { return found }
            slots[key] = made
            return made
        }
    }
}
