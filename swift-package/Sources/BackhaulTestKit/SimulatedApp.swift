/// The app under test, on a ``SimulatedPhone``: which sessions it makes at a launch.
///
/// Give the configurations and delegates that the real app gives to `BackgroundSessions`: it is the app's own code
/// that runs. In place of their transfer service, wake scheduler, container and delegate queue there are simulated ones:
/// delegates are called on the thread that lets time pass.
///
/// What a method throws is in the phone's ``SimulatedPhone/story``; the app goes on without that session.
public protocol SimulatedApp: Sendable {
    /// The sessions that it always makes, whether the store knows them or not.
    var sessionIdentifiers: [String] { get throws }

    /// The parts of one of them; nil for an identifier that it does not know (any more). Called at every launch.
    func makeSession(withIdentifier identifier: String) throws -> SessionLaunch?

    /// What the app does next at its launch: its sessions are made, and none of their delegates was called yet. Does
    /// nothing unless it is implemented.
    func didLaunch(_ sessions: BackgroundSessions) throws
}

extension SimulatedApp {
    public func didLaunch(_ sessions: BackgroundSessions) throws {}
}
