import Foundation

/// What every thread may ask the device for; behind one lock, and no code of the app runs under it.
struct State {
    var now = Date(timeIntervalSince1970: 1_750_000_000)
    var timers: [Timer] = []
    var limits = Limits()
    var conditions = Conditions()
    /// Rises with each locking and unlocking: what a locking has set going is void after the next.
    var lockings = 0

    /// What the installed app runs on.
    var device = Device.phone
    var appState = AppState.active
    var process: AppProcess? = AppProcess()
    var hasFinishedLaunching = true
    /// Rises with each return to the foreground: deadlines of before are void.
    var stayInBackground = 0
    var deaths: [Death] = []

    /// The open ones of the app's life of now.
    var tickets: [Ticket] = []
    /// Those that the clock no longer stands still for.
    var givenUp: Set<ObjectIdentifier> = []
    /// Who waits for tickets to be given back.
    var waiters: [UUID: CheckedContinuation<Void, Never>] = [:]

    var observers: [Observer] = []
    /// What changed while the app was suspended, in order, each once.
    var heldChanges: [Change] = []
}

/// Something that the device does later.
struct Timer {
    let date: Date
    /// If given, it is void when this life of the app is over.
    let process: AppProcess?
    let action: @MainActor @Sendable () -> Void
}

struct Observer {
    let changes: Set<Change>
    let action: @MainActor @Sendable (Change) -> Void
}

extension State {
    mutating func schedule(
        after delay: Duration, in process: AppProcess? = nil, _ action: @escaping @MainActor @Sendable () -> Void
    ) {
        schedule(at: now + delay.timeInterval, in: process, action)
    }

    /// Those of one date run in the order in which they were scheduled.
    mutating func schedule(
        at date: Date, in process: AppProcess? = nil, _ action: @escaping @MainActor @Sendable () -> Void
    ) {
        let index = timers.firstIndex { $0.date > date } ?? timers.endIndex
        timers.insert(Timer(date: date, process: process, action: action), at: index)
    }

    /// The next timer that is due by then, with the clock moved to it.
    mutating func takeTimer(dueBy end: Date) -> Timer? {
        while let timer = timers.first, timer.date <= end {
            timers.removeFirst()
            if let owner = timer.process, owner !== process { continue }
            now = max(now, timer.date)
            return timer
        }
        now = max(now, end)
        return nil
    }

    /// Ends the app's life of now. Nothing reaches it any more.
    mutating func endLife() {
        process = nil
        appState = .notRunning
        hasFinishedLaunching = false
        tickets = []
        givenUp = []
        observers = []
        heldChanges = []
    }

    mutating func kill(_ reason: Death.Reason) {
        guard process != nil else { return }
        deaths.append(Death(reason: reason, date: now))
        endLife()
    }
}
