/// What a UI framework does for the device: it starts the app and tells it of its life. Called on the main thread.
@MainActor public protocol AppHost: AnyObject, Sendable {
    /// Makes the app's delegate and tells it that the launch is over.
    func launch()
    func willEnterForeground()
    func didBecomeActive()
    func willResignActive()
    func didEnterBackground()
    /// Wakes the app for the events of these background sessions, each with a ticket.
    func handleEvents(forBackgroundSessions identifiers: [String])
}

/// The kind of device: whose rules for wakes and limits hold.
public enum Device: Sendable {
    case phone
    case watch
}

/// Where the app is in its life (rule W1).
public enum AppState: Sendable {
    case notRunning
    /// In the foreground, but not receiving events: the moment of launch, or of coming back.
    case inactive
    case active
    /// A watch app after the wrist went down: delivery is as if active, for two minutes.
    case frontmost
    case background
    /// In memory; no code runs.
    case suspended
}
