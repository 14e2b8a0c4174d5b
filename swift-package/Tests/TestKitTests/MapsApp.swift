import BackhaulTestKit
import Foundation

let mapsSession = "com.example.maps"
let mapURL = URL(string: "https://maps.example/alps")!

/// An app as somebody would write it: one session, and a delegate that keeps what it is told. The phone is in its hand.
final class MapsApp: SimulatedApp, SessionDownloadDelegate, @unchecked Sendable {
    struct Told: Hashable {
        let task: Int64
        let what: String
    }

    private let lock = NSLock()
    private var calls: [Told] = []
    private var launches = 0
    private weak var weakPhone: SimulatedPhone?
    private let hook: @Sendable (MapsApp, Told) throws -> Void

    /// `hook` runs in every call, after it was written down.
    init(hook: @escaping @Sendable (MapsApp, Told) throws -> Void = { _, _ in }) {
        self.hook = hook
    }

    var phone: SimulatedPhone? {
        get { lock.withLock { weakPhone } }
        set { lock.withLock { weakPhone = newValue } }
    }

    var told: [Told] { lock.withLock { calls } }
    var launchCount: Int { lock.withLock { launches } }

    func count(of what: String) -> Int { told.filter { $0.what == what }.count }

    let sessionIdentifiers = [mapsSession]

    func makeSession(withIdentifier identifier: String) throws -> SessionLaunch? {
        guard identifier == mapsSession else { return nil }
        var configuration = try SessionConfiguration.background(withIdentifier: identifier)
        configuration.isDiscretionary = false
        return SessionLaunch(configuration: configuration, delegate: self)
    }

    func didLaunch(_ sessions: BackgroundSessions) {
        lock.withLock { launches += 1 }
    }

    private func note(_ task: DownloadTask, _ what: String) throws {
        let told = Told(task: task.taskIdentifier, what: what)
        lock.withLock { calls.append(told) }
        try hook(self, told)
    }

    func urlSession(_ session: Session, taskIsWaiting task: DownloadTask, for reason: WaitReason) throws {
        try note(task, "waiting:\(reason.rawValue)")
    }

    func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didResumeAtOffset fileOffset: Int64,
        expectedTotalBytes: Int64
    ) throws {
        try note(downloadTask, "resumed")
    }

    func urlSession(_ session: Session, downloadTask: DownloadTask, didFinishDownloadingTo location: URL) throws {
        try note(downloadTask, "file")
    }

    func urlSession(_ session: Session, task: DownloadTask, didCompleteWithError error: BackhaulError?) throws {
        try note(task, error.map { "failed:\($0.kind.rawValue)" } ?? "completed")
    }

    /// A phone with this app on it, a map on the server, and the app in use.
    func onPhone(_ profile: SimulatedPhone.Profile = .android, seed: UInt64 = 0) throws -> SimulatedPhone {
        let made = try SimulatedPhone(profile, seed: seed, app: self)
        phone = made
        try made.serve(mapURL, size: 4_000_000)
        made.open()
        return made
    }
}

extension SimulatedPhone {
    /// The session of the running app.
    var maps: Session { session(withIdentifier: mapsSession)! }

    /// Asks for the map.
    func enqueueMap() throws -> Int64 {
        try maps.enqueue([Request(url: mapURL)])[0].taskIdentifier
    }
}
