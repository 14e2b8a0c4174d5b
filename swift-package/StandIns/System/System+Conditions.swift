import Foundation

extension System {
    /// What the device is like. Any thread.
    public var conditions: Conditions { state.withLock { $0.conditions } }

    /// Calls this on the main thread after each of these changes, as long as the app of now lives. What changes while
    /// the app is suspended comes when it runs again, each change once.
    public func observe(_ changes: Set<Change>, _ action: @escaping @MainActor @Sendable (Change) -> Void) {
        state.withLock { state in
            guard state.process != nil else { return }
            state.observers.append(Observer(changes: changes, action: action))
        }
    }
}

@MainActor extension System {
    public var battery: Conditions.Battery {
        get { conditions.battery }
        set {
            let old = battery
            change { $0.battery = newValue }
            if newValue.level != old.level { deliver(.batteryLevel) }
            if newValue.charging != old.charging { deliver(.batteryState) }
        }
    }

    public var network: Conditions.Network {
        get { conditions.network }
        set {
            guard newValue != network else { return }
            change { $0.network = newValue }
            deliver(.network)
        }
    }

    public var isLowPowerModeEnabled: Bool {
        get { conditions.isLowPowerModeEnabled }
        set {
            guard newValue != isLowPowerModeEnabled else { return }
            change { $0.isLowPowerModeEnabled = newValue }
            deliver(.lowPowerMode)
        }
    }

    public var heat: Conditions.Heat {
        get { conditions.heat }
        set {
            guard newValue != heat else { return }
            change { $0.heat = newValue }
            deliver(.heat)
        }
    }

    public var isBackgroundRefreshAllowed: Bool {
        get { conditions.isBackgroundRefreshAllowed }
        set {
            guard newValue != isBackgroundRefreshAllowed else { return }
            change { $0.isBackgroundRefreshAllowed = newValue }
            deliver(.backgroundRefresh)
        }
    }

    /// The user locks the device: protected files are unreadable a little later.
    public func lock() {
        deliver(.protectedDataWillBecomeUnavailable)
        state.withLock { state in
            state.lockings += 1
            let locking = state.lockings
            state.schedule(after: state.limits.protectedDataAfterLock) {
                self.state.withLock { state in
                    if state.lockings == locking { state.conditions.isProtectedDataAvailable = false }
                }
            }
        }
    }

    public func unlock() {
        state.withLock { $0.lockings += 1 }
        change { $0.isProtectedDataAvailable = true }
        deliver(.protectedDataDidBecomeAvailable)
    }

    private func change(_ change: (inout Conditions) -> Void) {
        state.withLock { change(&$0.conditions) }
    }

    private func deliver(_ change: Change) {
        let observers = state.withLock { state in
            guard state.appState != .suspended else {
                if !state.heldChanges.contains(change) { state.heldChanges.append(change) }
                return [Observer]()
            }
            return state.observers
        }
        for observer in observers where observer.changes.contains(change) { observer.action(change) }
    }

    func deliverHeldChanges() {
        let changes = state.withLock { state in
            defer { state.heldChanges = [] }
            return state.heldChanges
        }
        for change in changes { deliver(change) }
    }
}
