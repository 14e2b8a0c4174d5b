import Foundation

/// The app on the device, and what tells it of its life. The host is a life's.
struct InstalledApp {
    let makeHost: @MainActor () -> any AppHost
    var host: (any AppHost)?
    /// Set by a force-quit: nothing wakes the app until the user opens it.
    var isBarredFromWakes = false
}

@MainActor extension System {
    /// Puts an app on the device; it does not run yet. Tests call the overloads of the UI frameworks.
    public func install(on device: Device, host: @escaping @MainActor () -> any AppHost) {
        state.withLock { state in
            state.endLife()
            state.device = device
        }
        app = InstalledApp(makeHost: host)
    }

    /// Takes the app from the device, and all that was to happen to it.
    public func uninstall() {
        state.withLock { state in
            state.endLife()
            state.timers = []
        }
        app = nil
    }

    /// The user opens the app: it is launched if it does not run, and comes to the front.
    public func open() {
        app?.isBarredFromWakes = false
        switch appState {
        case .active: return
        case .notRunning: launch(into: .inactive)
        case .background, .suspended: enterForeground()
        case .frontmost, .inactive: break
        }
        enter(.active) { $0.didBecomeActive() }
        deliverTransfersToRunningApp()
    }

    /// The user goes to another app or to the watch face.
    public func leave() {
        if appState == .active { enter(.inactive) { $0.willResignActive() } }
        guard [.inactive, .frontmost].contains(appState) else { return }
        enterBackground()
    }

    /// The wrist goes down: the watch app stays frontmost for two minutes.
    public func lowerWrist() {
        guard appState == .active else { return }
        enter(.inactive) { $0.willResignActive() }
        state.withLock { state in
            guard let process = state.process else { return }
            state.appState = .frontmost
            state.schedule(after: state.limits.frontmost, in: process) {
                if self.appState == .frontmost { self.enterBackground() }
            }
        }
    }

    /// The system takes the memory of an app that is suspended.
    public func purge() {
        guard appState == .suspended else { return }
        kill(.purged)
    }

    /// The user swipes the app away: its transfers are cancelled, and nothing wakes it until it is opened again.
    public func forceQuit() {
        kill(.forceQuit)
        app?.isBarredFromWakes = true
        cancelTransfers()
    }

    /// The device is restarted: what the system keeps for the app stays.
    public func reboot() {
        kill(.reboot)
    }

    /// Sees to it that the app runs, in the background if it did not, and then does this. False if it may not be woken.
    @discardableResult
    public func wake(_ deliver: @MainActor () -> Void) -> Bool {
        switch appState {
        case .notRunning:
            guard app?.isBarredFromWakes == false else { return false }
            launch(into: .background)
        case .suspended: resume()
        default: break
        }
        guard process != nil else { return false }
        deliver()
        state.withLock { scheduleSuspension(after: $0.limits.graceInBackground, &$0) }
        return true
    }

    // MARK: - Steps

    private func launch(into appState: AppState) {
        guard let makeHost = app?.makeHost else { return }
        state.withLock { state in
            state.process = AppProcess()
            state.appState = appState
            state.hasFinishedLaunching = false
        }
        let host = makeHost()
        app?.host = host
        host.launch()
        state.withLock { $0.hasFinishedLaunching = $0.process != nil }
    }

    private func enterForeground() {
        if appState == .suspended { resume() }
        state.withLock { $0.stayInBackground += 1 }
        enter(.inactive) { $0.willEnterForeground() }
    }

    private func enterBackground() {
        state.withLock { state in
            guard state.process != nil else { return }
            state.appState = .background
            startClocks(&state)
        }
        tell { $0.didEnterBackground() }
        state.withLock { scheduleSuspension(after: $0.limits.graceInBackground, &$0) }
    }

    private func resume() {
        state.withLock { $0.appState = .background }
        deliverHeldChanges()
    }

    private func enter(_ appState: AppState, _ call: @MainActor (any AppHost) -> Void) {
        state.withLock { if $0.process != nil { $0.appState = appState } }
        tell(call)
    }

    /// Calls the app, if it is alive.
    func tell(_ call: @MainActor (any AppHost) -> Void) {
        guard process != nil, let host = app?.host else { return }
        call(host)
    }
}

extension System {
    /// Suspends the app then, if it is in the background and holds nothing.
    func scheduleSuspension(after delay: Duration, _ state: inout State) {
        guard let process = state.process else { return }
        state.schedule(after: delay, in: process) {
            self.state.withLock { state in
                guard state.appState == .background, state.tickets.isEmpty else { return }
                state.appState = .suspended
            }
            self.considerWakes()
        }
    }
}
