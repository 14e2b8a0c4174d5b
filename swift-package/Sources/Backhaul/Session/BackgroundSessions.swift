package import BackhaulGenerated
import Foundation

/// The background sessions of one container (rule W5).
///
/// An app makes it first of all at every launch, in the foreground or for a wake, and keeps it. It makes the sessions
/// again that have tasks or undelivered ends; others are made with ``open(_:)`` when the app wants them.
///
/// ```swift
/// let sessions = try BackgroundSessions.launch { identifier in
///     guard identifier == "com.example.maps" else { return nil }
///     return SessionLaunch(configuration: try .background(withIdentifier: identifier), delegate: app)
/// }
/// ```
///
/// Methods may be called on any thread.
public final class BackgroundSessions: Sendable {
    /// A session that could not be made again.
    public struct FailedSession: Sendable, Hashable {
        /// Which.
        public let identifier: String
        /// Why.
        public let error: BackhaulError
    }

    private let core: BackhaulGenerated.BackgroundSessions
    private let place: SessionPlace
    /// Those that were made, until they have ended.
    private let live: Guarded<[Session]>
    /// One at a time: two that open the same session must get the same one.
    private let opening = Guarded(())
    /// What lives as long as these: whatever says what the system is like.
    let companion = Guarded<(any Sendable)?>(nil)

    /// Those that the library has made with what the factory gave it.
    package init(_ core: BackhaulGenerated.BackgroundSessions, place: SessionPlace, factory: SessionFactoryAdapter) {
        self.core = core
        self.place = place
        live = Guarded(core.sessions().compactMap(factory.session(of:)))
    }

    /// Makes the sessions again that have something left to do or to tell.
    ///
    /// - Parameters:
    ///   - container: The directory that holds their store; nil for the platform's usual place.
    ///   - conditions: What the system is like, for every session in place of what its configuration says. A launch in
    ///     the background says so here: nothing that must not run then starts in between.
    ///   - previousExit: How the process before this one ended (rule W6).
    ///   - wakeScheduler: Who asks for wakes, for sessions whose configuration names nobody (rule P6).
    ///   - make: The parts of the session with an identifier; nil if this version of the app no longer knows it. Called
    ///     on this thread, before this returns.
    /// - Throws: ``BackhaulError/Kind/containerInUse``, ``BackhaulError/Kind/storeTooNew``,
    ///   ``BackhaulError/Kind/store`` when the store cannot be opened. A session that cannot be made stops no other: see
    ///   ``failedSessions``.
    public static func launch(
        container: URL? = nil,
        conditions: SystemConditions? = nil,
        previousExit: PreviousExit = .ordinary,
        wakeScheduler: (any WakeScheduler)? = nil,
        make: @escaping @Sendable (String) throws -> SessionLaunch?
    ) throws(BackhaulError) -> BackgroundSessions {
        let place = SessionPlace.container(container)
        let factory = SessionFactoryAdapter(place: place, make: make)
        let core = try bridged {
            try BackhaulGenerated.BackgroundSessions.launch(
                container: container?.path ?? defaultContainer(),
                conditions: conditions?.generated,
                previousExit: previousExit.generated,
                wakeScheduler: wakeScheduler.map(WakeSchedulerAdapter.init),
                factory: factory
            )
        }
        return BackgroundSessions(core, place: place, factory: factory)
    }

    /// The session with this identifier: the one that the launch made again, whose delegate stays, or else a new one, in
    /// this container, under the last conditions.
    ///
    /// - Throws: As for a new background session.
    public func open(_ launch: SessionLaunch) throws(BackhaulError) -> Session {
        let factory = SessionFactoryAdapter(place: place) { _ in launch }
        return try bridged {
            try opening.withLock { _ in
                if let identifier = launch.settings.identifier, let session = session(withIdentifier: identifier) {
                    return session
                }
                let (parts, adapter, settings) = try factory.parts(of: launch)
                let session = Session(try core.open(parts: parts), adapter, settings)
                live.withLock { $0.append(session) }
                return session
            }
        }
    }

    /// The live session with this identifier.
    public func session(withIdentifier identifier: String) -> Session? {
        sessions.first { $0.identifier == identifier }
    }

    /// The live sessions: those that the launch made again and those that were opened since.
    public var sessions: [Session] {
        let all = live.withLock { $0 }
        let ended = all.filter(\.status.isClosed)
        // Let go of outside the lock: a session's last reference releases the app's objects.
        if !ended.isEmpty { live.withLock { $0.removeAll { session in ended.contains { $0 === session } } } }
        return all.filter { session in !ended.contains { $0 === session } }
    }

    /// Identifiers that the store knows and `make` did not. Nothing of them is lost: a later launch that knows them goes
    /// on.
    public var unknownSessions: [String] { core.unknownSessions() }

    /// Sessions that could not be made again, and why.
    public var failedSessions: [FailedSession] {
        core.failedSessions().map { FailedSession(identifier: $0.identifier, error: BackhaulError($0.error)) }
    }

    /// The store was damaged and has been replaced (rule D6).
    public var recovery: StoreRecovery? { core.recovery().map(StoreRecovery.init) }

    /// Hands a wake to the session that it is for (rule S5). Without such a session it is completed at once: then, and
    /// for a ticket that was used before, this returns false.
    @discardableResult
    public func handleBackgroundEvents(forSession identifier: String, ticket: WakeTicket) -> Bool {
        core.handleBackgroundEvents(identifier: identifier, ticket: ticket.core)
    }

    /// Hands a wake that is for no session in particular to all of them: an app refresh. It is completed when the last
    /// one is done with it. False for a ticket that was used before.
    @discardableResult
    public func handleWake(_ ticket: WakeTicket) -> Bool {
        core.handleWake(ticket: ticket.core)
    }

    /// The platform takes back the wakes that it lent, before their limit.
    public func expireBackgroundEvents() {
        core.expireBackgroundEvents()
    }

    /// Tells every session what the system is like now (rule P2).
    public func setConditions(_ conditions: SystemConditions) {
        core.setConditions(conditions: conditions.generated)
    }
}
