import Backhaul
import BackhaulTestSupport
import Foundation
import StandInSystem
import Synchronization
import Testing

/// A simulated device with an app that uses the real library, whose bytes the test moves.
@MainActor
final class Rig {
    let system: System
    let told = Trace<Told>()
    /// The wakes that the app was given.
    let wakes = Trace<String>()
    /// In place of the app's work with a file.
    var atFile: @Sendable () throws -> Void = {}
    /// Changes the configuration of each session.
    var configure: (inout SessionConfiguration<Background>) -> Void = { $0.isDiscretionary = false }
    /// Who asks for wakes; made once in each life of the app.
    var makeScheduler: (() throws -> any WakeScheduler)?
    /// Whether the system's service moves the bytes. Else they are the app's own work, and need its run time.
    var usesService = true
    /// The app's sessions of now, and what they ask of the scheduler.
    private(set) weak var sessions: BackgroundSessions?
    private(set) weak var witness: Witness?

    private let folder: URL
    private let identifiers: [String]
    private let device: Device
    private let daemons: [String: Daemon]
    private let schedulers = Lives()

    init(_ device: Device, on system: System, sessions identifiers: [String]) throws {
        self.system = system
        self.identifiers = identifiers
        self.device = device
        let folder = URL.temporaryDirectory.appendingPathComponent("platform-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.folder = folder
        daemons = Dictionary(uniqueKeysWithValues: identifiers.map { ($0, Daemon(files: folder)) })
    }

    /// The test is over: the app is taken from the device, and of what asks for wakes nothing is left that could ask the
    /// next test's device.
    func end() async throws {
        system.uninstall()
        try await schedulers.areOver()
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// What the app does at each launch.
    func start() -> BackgroundSessions? {
        do {
            let launches = try Dictionary(uniqueKeysWithValues: identifiers.map { ($0, try launch($0)) })
            let witness = try makeScheduler.map { Witness(try $0(), oneOf: schedulers) }
            self.witness = witness
            let sessions = try BackgroundSessions.start(
                container: folder.appendingPathComponent("container"),
                wakeScheduler: witness,
                monitor: SystemConditionsMonitor(sources: device == .watch ? .watch : .phone)
            ) { launches[$0] }
            for launch in launches.values { _ = try sessions.open(launch) }
            self.sessions = sessions
            return sessions
        } catch {
            Issue.record(error, "the app could not start")
            return nil
        }
    }

    private func launch(_ identifier: String) throws -> SessionLaunch {
        var configuration: SessionConfiguration<Background> =
            try device == .watch ? .watch(withIdentifier: identifier) : .background(withIdentifier: identifier)
        configure(&configuration)
        if usesService, let daemon = daemons[identifier] { configuration.transferService = .custom(daemon) }
        return SessionLaunch(configuration: configuration, delegate: told.recorder(identifier, atFile: atFile))
    }
}

// MARK: - What the user, the service and the network do

extension Rig {
    /// The app starts a download.
    @discardableResult
    func enqueue(in identifier: String = "maps", notBefore date: Date? = nil) async throws -> DownloadTask {
        let session = try #require(sessions?.session(withIdentifier: identifier))
        let url = try #require(URL(string: "https://localhost/\(identifier).zip"))
        var request = Request(url: url)
        request.earliestBeginDate = date
        let tasks = try await session.enqueue([request])
        return try #require(tasks.first)
    }

    /// The app starts a download, and the system's service has it.
    func download(in identifier: String = "maps") async throws {
        try await enqueue(in: identifier)
        try await serviceStarts(identifier)
    }

    /// The system's service gets a transfer of the session.
    func serviceStarts(_ identifier: String) async throws {
        try await daemons[identifier]?.started.wait { !$0.isEmpty }
        system.transferStarted(in: identifier)
    }

    /// The user leaves the app, and the system suspends it.
    func leave() async {
        system.leave()
        await system.advance(by: .seconds(30))
    }

    /// Whether the session's download was told, in the app's time: what it was lent is given back.
    func isTold(in identifier: String) async -> Bool {
        await system.ticketsAreReturned() && told.hasDownload(in: identifier)
    }

    /// Moves the device's clock to this date.
    func advance(to date: Date) async {
        await system.advance(by: .seconds(max(0, date.timeIntervalSince(system.now))))
    }

    /// All transfers of the session are over, and the system does not wake the app for it. Says how many those were.
    func finishQuietly(in identifier: String = "maps") -> Int {
        daemons[identifier]?.finishAll() ?? 0
    }

    /// All transfers of these sessions are over; the system wakes the app in time.
    func finishTransfers(in identifiers: String...) async {
        for identifier in identifiers.isEmpty ? ["maps"] : identifiers {
            for _ in 0..<finishQuietly(in: identifier) { system.transferFinished(in: identifier) }
        }
        await system.advance(by: .seconds(1))
    }
}
