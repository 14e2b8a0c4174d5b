import Foundation

// What a user, fate and the world around do to a phone.
extension SimulatedPhone {
    /// The user opens the app, or comes back to it.
    public func open() {
        core.open()
    }

    /// Something outside lets the app run: it is launched in the background, unless it runs already.
    public func runInBackground() {
        core.run()
    }

    /// The app is in sight, and not in use: on a watch whose wrist is down.
    public func becomeFrontmost() {
        core.frontmost()
    }

    /// The user leaves the app. It runs on for a while, and is then suspended or killed as the platform likes.
    public func enterBackground() {
        core.background()
    }

    /// The process is killed, at once. What the platform was asked for stays.
    public func kill() {
        core.kill()
    }

    /// The process dies before its next act to the outside but `acts`: a write, a call of a delegate, a start of a
    /// transfer. So a death can fall between any two of them.
    public func kill(afterActs acts: Int) {
        core.killAfter(acts: UInt64(clamping: acts))
    }

    /// The user throws the app out: nothing wakes it until it is opened again (rule W6).
    public func forceQuit() {
        core.forceQuit()
    }

    /// The device starts again, in an orderly way.
    public func reboot() {
        core.reboot()
    }

    /// The power goes: what was not synced is gone, and the device starts again.
    public func losePower() {
        core.losePower()
    }

    /// Somebody sets the wall clock forward, or back by a negative duration (rule P7).
    public func setClock(by change: Duration) {
        if change < .zero {
            core.setClockBack(by: (.zero - change).interval)
        } else {
            core.setClockForward(by: change.interval)
        }
    }

    /// What the system is like. The state of the app is not for this to change.
    public var conditions: SystemConditions {
        get { SystemConditions(core.conditions()) }
        set { core.setConditions(conditions: newValue.generated) }
    }

    /// Another network; mobile ones cost money.
    public func setNetwork(_ network: SystemConditions.Network) {
        core.setNetwork(network: network.generated)
    }

    /// On a charger, or off it.
    public func setCharging(_ isCharging: Bool) {
        core.setCharging(charging: isCharging)
    }

    /// Lets a step of a scenario happen, in its format: `"reboot"`, `{"disk": {"free": "10MiB"}}`.
    ///
    /// - Throws: `BackhaulError/Kind/invalidRequest` with the place of a mistake, and for what the app itself does or
    ///   what is expected.
    public func perform(_ step: String) throws(BackhaulError) {
        try bridged { try core.perform(stepJson: step) }
    }
}
