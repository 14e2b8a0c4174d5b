internal import BackhaulGenerated
import Foundation

/// Downloads for an app, by one configuration, told to one delegate (rules S1–S8).
///
/// ```swift
/// let configuration = try SessionConfiguration.background(withIdentifier: "com.example.maps")
/// let session = try Session(configuration: configuration, delegate: app)
/// try session.downloadTask(with: url).resume()  // survives power loss from here on
/// ```
///
/// **Threading.** Every method may be called on any thread, from within delegate methods too. Those that write return
/// when the change is durable: a few milliseconds on most disks.
///
/// **Life.** When the session and all its tasks are let go of without ``finishTasksAndInvalidate()``, a background
/// session ends as if the process had died, only tidily: transfers stop and keep their bytes, and the next session with
/// the identifier goes on. Letting go waits for that. A delegate method that runs just now has the session in hand, and
/// it ends when that method returns: whoever makes it again meanwhile waits for it, at most five seconds.
public final class Session: Sendable {
    let core: BackhaulGenerated.Session
    let adapter: DelegateAdapter
    let settings: SessionSettings

    /// Makes a default or ephemeral session. It ends with the process (rule S8).
    ///
    /// - Throws: ``BackhaulError/Kind/system``, ``BackhaulError/Kind/tls`` for a root certificate that cannot be read,
    ///   ``BackhaulError/Kind/invalidDestination`` for a base directory that is not absolute,
    ///   ``BackhaulError/Kind/invalidHeader`` for additional headers that HTTP forbids.
    public convenience init(
        configuration: SessionConfiguration<Foreground> = .default,
        delegate: (any SessionDelegate)? = nil,
        delegateQueue: DelegateQueue = .serial
    ) throws(BackhaulError) {
        try self.init(configuration.settings, DelegateAdapter(delegate), delegateQueue)
    }

    /// Makes a background session, or makes it again after a launch: its tasks are there and go on (rule S7), and what
    /// the delegate missed is delivered.
    ///
    /// - Throws: ``BackhaulError/Kind/sessionInUse`` when the identifier is held by a live session, in this process or
    ///   another (rule C1); ``BackhaulError/Kind/containerInUse`` when another process holds the container;
    ///   ``BackhaulError/Kind/storeTooNew``, ``BackhaulError/Kind/store`` when the store cannot be opened; and those of
    ///   a default session.
    public convenience init(
        configuration: SessionConfiguration<Background>,
        delegate: any SessionDelegate,
        delegateQueue: DelegateQueue = .serial
    ) throws(BackhaulError) {
        try self.init(configuration.settings, DelegateAdapter(delegate), delegateQueue)
    }

    private convenience init(
        _ settings: SessionSettings,
        _ adapter: DelegateAdapter,
        _ queue: DelegateQueue
    ) throws(BackhaulError) {
        let parts = try settings.parts(delegate: adapter, queue: queue)
        let core = try bridged { try BackhaulGenerated.Session(parts: parts) }
        self.init(core, adapter, settings)
    }

    /// A session that the library has made already.
    init(_ core: BackhaulGenerated.Session, _ adapter: DelegateAdapter, _ settings: SessionSettings) {
        self.core = core
        self.adapter = adapter
        self.settings = settings
        adapter.bind(self)
    }

    deinit {
        adapter.hub.finish()
    }

    /// The identifier of a background session.
    public var identifier: String? { settings.identifier }

    /// What the session does right now.
    public var status: SessionStatus { SessionStatus(core.status()) }

    /// Tells the session what the system is like now (rule P2). Running transfers that are no longer allowed stop and
    /// keep their bytes; waiting ones are looked at again.
    public func setConditions(_ conditions: SystemConditions) {
        core.setConditions(conditions: conditions.generated)
    }

    /// Hands a wake of the platform to the session, in one call (rule S5). When nothing moves and nothing more can run
    /// now, and everything was delivered, the ticket is completed; at its limit whatever the delegate does (rule W3).
    ///
    /// - Returns: False if the ticket was used before.
    @discardableResult
    public func handleBackgroundEvents(_ ticket: WakeTicket) -> Bool {
        core.handleBackgroundEvents(ticket: ticket.core)
    }

    /// The platform takes back the wakes that it lent, before their limit: watchOS's `expirationHandler`. Every ticket
    /// is completed within two seconds.
    public func expireBackgroundEvents() {
        core.expireBackgroundEvents()
    }

    /// Takes no new tasks, finishes those there are, tells the delegate that it became invalid, and ends (rule C3).
    /// Returns at once. A task that is suspended keeps the session until it is resumed or cancelled.
    public func finishTasksAndInvalidate() {
        adapter.keepUntilInvalid(self)
        core.finishTasksAndInvalidate()
    }

    /// Takes no new tasks, cancels those there are, tells the delegate that it became invalid, and ends (rule C3).
    /// Returns at once.
    public func invalidateAndCancel() {
        adapter.keepUntilInvalid(self)
        core.invalidateAndCancel()
    }

    /// What happens from now on, as an asynchronous sequence.
    public var events: Events { events(bufferingUpTo: 256) }

    /// What happens from now on; so many events are kept for a slow reader.
    public func events(bufferingUpTo limit: Int) -> Events {
        Events(subscription: adapter.hub.events(limit: limit))
    }
}
