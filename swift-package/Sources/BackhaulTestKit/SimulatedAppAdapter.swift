import Foundation

/// The app as the library's: makes the parts of its sessions, and wraps what the library makes of them.
final class SimulatedAppAdapter: Core.SimulatedApp {
    private let app: any SimulatedApp
    private let factory: SessionFactoryAdapter
    private let launched = Held<BackgroundSessions>()

    init(_ app: any SimulatedApp) {
        self.app = app
        factory = SessionFactoryAdapter(place: .simulated) { try app.makeSession(withIdentifier: $0) }
    }

    /// What the last launch made.
    var current: BackgroundSessions? { launched.value }

    func sessions() throws -> [String] {
        try reporting { try app.sessionIdentifiers }
    }

    func makeSession(identifier: String) throws -> Core.SessionParts? {
        try factory.makeSession(identifier: identifier)
    }

    func launched(sessions core: Core.BackgroundSessions) throws {
        let sessions = BackgroundSessions(core, place: .simulated, factory: factory)
        launched.value = sessions
        try reporting { try app.didLaunch(sessions) }
    }
}
