package import BackhaulGenerated
import Foundation

/// The app's closure as the library's factory. It remembers what it made, for the sessions that come of it.
package final class SessionFactoryAdapter: BackhaulGenerated.SessionFactory {
    private typealias Made = (adapter: DelegateAdapter, settings: SessionSettings)

    private let place: SessionPlace
    private let make: @Sendable (String) throws -> SessionLaunch?
    private let made = Guarded<[String: Made]>([:])

    package init(place: SessionPlace, make: @escaping @Sendable (String) throws -> SessionLaunch?) {
        self.place = place
        self.make = make
    }

    package func makeSession(identifier: String) throws -> BackhaulGenerated.SessionParts? {
        try reporting {
            guard let launch = try make(identifier) else { return nil }
            let (parts, adapter, settings) = try parts(of: launch)
            made.withLock { $0[identifier] = (adapter, settings) }
            return parts
        }
    }

    func parts(
        of launch: SessionLaunch
    ) throws -> (BackhaulGenerated.SessionParts, DelegateAdapter, SessionSettings) {
        var settings = launch.settings
        place.settle(&settings)
        let adapter = DelegateAdapter(launch.delegate)
        return (try settings.parts(delegate: adapter, queue: launch.delegateQueue), adapter, settings)
    }

    /// What the library made of it.
    func session(of core: BackhaulGenerated.Session) -> Session? {
        guard let identifier = core.identifier(), let made = made.withLock({ $0[identifier] }) else { return nil }
        return Session(core, made.adapter, made.settings)
    }
}
