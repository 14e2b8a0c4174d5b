import Foundation
import Synchronization

/// A simulated device with one app on it, which tests steer.
///
/// It keeps a virtual clock, takes the app through its states, lends it run time and kills it when it breaks a rule
/// of the platform. Nothing happens by itself: what is due happens in ``advance(by:)``, on the main thread. Until a
/// test installs an app, the test itself is the app, and it is active.
///
/// Frameworks and the app may call it from any thread; what steers is for the main actor.
public final class System: Sendable {
    /// The device that the frameworks' singletons belong to. Each ``exclusive(_:)`` has a new one.
    public static var shared: System { current.withLock { $0 } }

    private static let current = Mutex(System())
    private let slots = Mutex<[ObjectIdentifier: any Sendable]>([:])
    let state = Mutex(State())

    @MainActor var app: InstalledApp?
    @MainActor var transfers: [String: BackgroundTransfers] = [:]
    @MainActor var watchWakes: [Date] = []
    /// How long, in real time, the clock stands still for an app that holds a ticket in the background.
    @MainActor public var patience = Duration.seconds(10)

    private init() {}

    /// Runs a test on a device of its own. One at a time, in the whole process: the frameworks' singletons are shared.
    @MainActor public static func exclusive<Result: Sendable>(
        _ test: @MainActor (System) async throws -> Result
    ) async rethrows -> Result {
        await turns.take()
        defer { turns.give() }
        let system = System()
        current.withLock { $0 = system }
        // What still runs of the test then meets a device that nobody looks at, and its app is gone.
        defer {
            current.withLock { $0 = System() }
            system.uninstall()
        }
        return try await test(system)
    }

    @MainActor private static let turns = Turns()

    /// A framework's one object of this type on this device, which survives the app; made at its first use.
    public func slot<Value: Sendable>(_ make: () -> Value) -> Value {
        slots.slot(make)
    }
}

// MARK: - What can be seen

extension System {
    /// The device's clock.
    public var now: Date { state.withLock { $0.now } }
    public var device: Device { state.withLock { $0.device } }
    public var appState: AppState { state.withLock { $0.appState } }
    /// The app's life of now.
    public var process: AppProcess? { state.withLock { $0.process } }
    /// Whether the app's launch is over: what has to be registered before then is too late.
    public var hasFinishedLaunching: Bool { state.withLock { $0.hasFinishedLaunching } }
    /// Every end of the app so far.
    public var deaths: [Death] { state.withLock { $0.deaths } }
    /// The ends that the app is to blame for.
    public var faults: [Death.Reason] { deaths.filter(\.isFault).map(\.reason) }
    /// What the app has to give back.
    public var openTickets: [Ticket.Kind] { state.withLock { $0.tickets.map(\.kind) } }

    public var limits: Limits {
        get { state.withLock { $0.limits } }
        set { state.withLock { $0.limits = newValue } }
    }
}

/// Lets tests take turns in the order in which they came.
@MainActor private final class Turns {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func give() {
        guard waiting.isEmpty else { return waiting.removeFirst().resume() }
        isTaken = false
    }
}
