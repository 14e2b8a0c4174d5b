import Backhaul
import BackhaulTestSupport
import Foundation
import StandInSystem
import Testing
import WatchAppContent
import WatchKit

@testable import WatchAppModel

/// A watch with the app on it, and its widget.
@MainActor
final class Watch {
    nonisolated static let server = URL(string: "https://postcards.example/today/")!

    let system: System
    let carrier: Carrier
    let store: PostcardStore
    /// Changes where the app lives, from its next launch on.
    var change: (inout AppEnvironment) -> Void = { _ in }
    /// Why the app was woken, each time.
    private(set) var wakes: [Wake] = []
    /// The app's life of now.
    private(set) weak var app: AppDelegate?

    private weak var process: Witness?
    private let folder: URL
    private let reloads = Counter()
    private let schedulers = Lives()
    private var screen: Task<Void, Never>?

    private init(_ system: System) throws {
        let folder = URL.temporaryDirectory.appendingPathComponent("watch-app-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.folder = folder
        self.system = system
        store = PostcardStore(directory: folder.appendingPathComponent("group"))
        carrier = Carrier(on: system, for: Downloads.sessionIdentifier, folder: folder)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// A test with a watch on which nobody has opened the app. It is six o'clock.
    static func with(_ test: @MainActor (Watch) async throws -> Void) async throws {
        try await System.exclusive { system in
            let watch = try Watch(system)
            await watch.wait(until: 6)
            system.install(watchApp: { watch.makeApp() })
            try await cleaningUp(after: { try await test(watch) }, { try await watch.die { $0.reboot() } })
        }
    }

    private var container: URL { folder.appendingPathComponent("container") }

    private var environment: AppEnvironment {
        var environment = AppEnvironment(server: Watch.server, content: store.directory)
        environment.container = container
        // It is asked for at once, and it is discretionary: the charger decides when it comes.
        environment.refreshInterval = .zero
        environment.lookInterval = .milliseconds(50)
        environment.configure = { [carrier] in $0.transferService = .custom(carrier) }
        environment.reloadWidget = { [reloads] in reloads.add() }
        environment.makeMonitor = { SystemConditionsMonitor(sources: .watch) }
        environment.makeWakeScheduler = { [system, schedulers] in WakesByTheWatch(system, oneOf: schedulers) }
        change(&environment)
        return environment
    }

    private func makeApp() -> any WKApplicationDelegate {
        let environment = environment
        let app = AppDelegate(environment: { environment })
        self.app = app
        let process = Witness(app) { [weak self] in self?.wakes.append($0) }
        self.process = process
        return process
    }
}

// MARK: - What the user and the system do

extension Watch {
    /// The watch's clock goes on to this hour.
    func wait(until hour: Double) async {
        let date = Postcard.day + hour * 3600
        await system.advance(by: .seconds(max(0, date.timeIntervalSince(system.now))))
    }

    /// The user opens the app, and sees its list.
    func open() {
        system.open()
        guard screen == nil, let model = app?.model else { return }
        screen = Task { await model.follow() }
    }

    /// The user goes to the watch face, and the system suspends the app.
    func leave() async {
        system.leave()
        await system.advance(by: .seconds(30))
    }

    /// The app's process ends, and with it all that it holds. Here it is a part of ours: whatever still runs of it is
    /// waited for, as the system would have ended it.
    func die(_ end: (System) -> Void) async throws {
        let screen = screen
        self.screen = nil
        screen?.cancel()
        await screen?.value
        end(system)
        process?.end()
        try await SessionLocks(of: container).areFree()
        try await schedulers.areOver()
    }
}

// MARK: - What can be seen

extension Watch {
    /// The list, once it is this: the postcards by their ids, with `+` those whose picture is here, and the tasks.
    func shows(_ postcards: [String] = [], tasks: String...) async throws {
        try await eventually(instead: onScreen) { self.postcards == postcards && self.tasks == tasks }
    }

    private var list: PostcardList { app?.model.list ?? PostcardList() }
    private var postcards: [String] { list.postcards.map { $0.picture == nil ? $0.id : "\($0.id)+" } }
    private var onScreen: String { "\(postcards) \(tasks) \(app?.model.problem ?? "")" }

    private var tasks: [String] {
        list.tasks.map { row in
            let percent = row.fraction.map { " \(Int($0 * 100)) %" } ?? ""
            return "\(row.title): \(row.status)\(percent)"
        }
    }

    /// The row of the task with this title.
    func row(_ title: String) -> TaskRow? {
        list.tasks.first { $0.title == title }
    }

    /// How much of a task's file is here, once it is so much.
    @discardableResult
    func receives(atLeast fraction: Double, of title: String) async throws -> Double {
        try await eventually(instead: onScreen) { (self.row(title)?.fraction ?? 0) >= fraction }
        return self.row(title)?.fraction ?? 0
    }

    /// The picture of the day, as the screen has it.
    var coverOnScreen: Data? {
        get throws { try list.cover.map { try Data(contentsOf: $0) } }
    }

    /// What the system's service carries, once it is this; in any order.
    func carries(_ paths: String...) async throws {
        let carrier = carrier
        try await eventually(instead: "\(carrier.paths)") {
            carrier.paths.sorted() == paths.sorted()
        }
    }

    /// How often the widget was asked to look again.
    var widgetReloads: Int { reloads.count }

    /// What the widget would show from this hour on, by the ids of the postcards; with `+` those whose picture is here.
    func widget(at hour: Double) throws -> [String] {
        try store.timeline(from: Postcard.day + hour * 3600).map { moment in
            guard let postcard = moment.postcard else { return "nothing" }
            return moment.picture == nil ? postcard.id : "\(postcard.id)+"
        }
    }
}
