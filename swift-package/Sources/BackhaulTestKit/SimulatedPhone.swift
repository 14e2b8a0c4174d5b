import Foundation

/// A device with one app on it, in memory: clocks, network, servers, disk, and the platform that lends wakes are
/// simulated; the sessions are the real ones. A week takes milliseconds, and the same seed with the same hands gives the
/// same ``log``, byte for byte.
///
/// ```swift
/// let phone = try SimulatedPhone(.iOS, seed: 42, app: MyApp())
/// try phone.serve(url, size: 40_000_000)
/// phone.open()
/// let session = phone.session(withIdentifier: "com.example.maps")!
/// let task = try session.downloadTask(with: url)
/// try task.resume()
/// phone.enterBackground()
/// phone.advance(by: .seconds(2))
/// phone.kill()
/// phone.advance(by: .hours(8))
/// #expect(phone.state(of: task.id, in: "com.example.maps") == .completed)
/// #expect(phone.brokenPromises.isEmpty)
/// ```
///
/// **Threading.** Everything happens on the thread that calls, inside of the call: delegates are called while time is
/// let pass, and may use their session and the phone. Only one thread may use a phone and its sessions at a time.
///
/// **Files** are simulated, too: there is nothing to read at the URL that a delegate is told; ``fileVersion(of:in:)`` says
/// what lies there.
///
/// **Defects.** The phone watches the library's promises. What is in ``brokenPromises`` is a defect of the library.
public final class SimulatedPhone: Sendable {
    /// Whose rules the platform follows.
    public enum Profile: Sendable, Hashable, CaseIterable {
        /// An iPhone: transfers go on while the app is dead; wakes come when the system likes.
        case iOS
        /// An Apple watch: at most four wakes an hour, fifteen minutes apart.
        case watch
        /// Android: transfers in the app's own process, and wakes by `JobScheduler`.
        case android
    }

    /// A promise of the library that did not hold.
    public struct BrokenPromise: Sendable, Hashable, CustomStringConvertible {
        /// Which rule of the contract.
        public let rule: String
        /// How.
        public let text: String

        public var description: String { "rule \(rule): \(text)" }
    }

    let core: Core.SimulatedPhone
    let app: SimulatedAppAdapter

    /// A phone that lies there on unmetered Wi-Fi and a charger. The app was never started.
    ///
    /// - Parameters:
    ///   - profile: Whose rules the platform follows.
    ///   - seed: Decides everything that hands leave open: delays, the order of what happens at one moment.
    ///   - app: Which sessions it makes at a launch.
    /// - Throws: `BackhaulError/Kind/store` when there is no memory for its store.
    public init(_ profile: Profile = .iOS, seed: UInt64 = 0, app: any SimulatedApp) throws(BackhaulError) {
        let adapter = SimulatedAppAdapter(app)
        core = try bridged { try .init(profile: profile.generated, seed: seed, app: adapter) }
        self.app = adapter
    }

    /// Lets time pass, and everything happen that falls into it.
    public func advance(by time: Duration) {
        core.advance(time: time.interval)
    }

    /// Lets time pass until the next thing happens, or `limit` so much; says how much it was.
    @discardableResult
    public func advanceToNextEvent(atMost limit: Duration) -> Duration {
        Duration(interval: core.advanceToNext(atMost: limit.interval))
    }

    /// Lets time pass until something is so, and no longer. False if it is not so within `limit`.
    public func advance(
        within limit: Duration,
        until isSo: () throws -> Bool
    ) rethrows -> Bool {
        let end = elapsed + limit
        while try !isSo() {
            let left = end - elapsed
            if left <= .zero { return false }
            advanceToNextEvent(atMost: left)
        }
        return true
    }

    /// True time since the phone was made, whatever its wall clock was set to.
    public var elapsed: Duration { Duration(interval: core.elapsed()) }

    /// What its wall clock shows.
    public var now: Date { core.now() }

    /// What the app made at its launch; nil while it does not run.
    public var backgroundSessions: BackgroundSessions? {
        core.backgroundSessions() == nil ? nil : app.current
    }

    /// A session of the running app. Those of a process that has ended throw `BackhaulError/Kind/store`: take them
    /// from here again after a launch.
    public func session(withIdentifier identifier: String) -> Session? {
        backgroundSessions?.session(withIdentifier: identifier)
    }

    /// Where a task stands, whether the app runs or not; nil for a task that there is not.
    public func state(of task: Int64, in session: String) -> TaskState? {
        core.state(session: session, task: task).map(TaskState.init)
    }

    /// Which version of its object a task's file is, from 1 for the first; nil unless it lies at its destination, whole
    /// and of one version (rule R9).
    public func fileVersion(of task: Int64, in session: String) -> Int? {
        core.fileVersion(session: session, task: task).map { Int(clamping: $0) }
    }

    /// How many wakes the platform lent so far.
    public var wakes: Int { Int(clamping: core.wakes()) }

    /// Notes a line in the log.
    public func say(_ text: String) {
        core.say(text: text)
    }

    /// What has happened so far: one JSON object a line.
    public var log: String { core.log() }

    /// The same for people: one sentence a line.
    public var story: String { core.story() }

    /// The promises that did not hold, panics among them. Empty, or the library has a defect.
    public var brokenPromises: [BrokenPromise] {
        core.brokenPromises().map { BrokenPromise(rule: $0.rule, text: $0.text) }
    }
}

extension SimulatedPhone.Profile {
    fileprivate var generated: Core.SimulatedProfile {
        switch self {
        case .iOS: .ios
        case .watch: .watch
        case .android: .android
        }
    }
}
