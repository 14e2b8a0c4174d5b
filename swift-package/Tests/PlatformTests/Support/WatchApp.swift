import Backhaul
import BackhaulTestSupport
import StandInSystem
import WatchKit

/// A watch app with the lines that the documentation asks for.
@MainActor
final class WatchApp: NSObject, WKApplicationDelegate {
    private let rig: Rig
    private var sessions: BackgroundSessions?

    init(_ rig: Rig) {
        self.rig = rig
    }

    func applicationDidFinishLaunching() {
        sessions = rig.start()
    }

    func handle(_ backgroundTasks: Set<WKRefreshBackgroundTask>) {
        for task in backgroundTasks { rig.wakes.add(String(describing: type(of: task))) }
        sessions?.handle(backgroundTasks)
    }
}

/// Runs a test with an app on a watch that the user has not opened yet.
@MainActor
func withWatch(
    sessions identifiers: [String] = ["maps"], _ test: @MainActor (Rig) async throws -> Void
) async throws {
    try await System.exclusive { system in
        let rig = try Rig(.watch, on: system, sessions: identifiers)
        system.install(watchApp: { WatchApp(rig) })
        try await cleaningUp(after: { try await test(rig) }, { try await rig.end() })
    }
}
