import Backhaul
import BackhaulTestSupport
import StandInSystem
import UIKit

/// A phone app with the lines that the documentation asks for.
@MainActor
class PhoneApp: NSObject, UIApplicationDelegate {
    let rig: Rig
    private(set) var sessions: BackgroundSessions?

    init(_ rig: Rig) {
        self.rig = rig
    }

    func application(
        _ application: UIApplication,
        didFinishLaunchingWithOptions launchOptions: [UIApplication.LaunchOptionsKey: Any]?
    ) -> Bool {
        sessions = rig.start()
        return true
    }

    func application(
        _ application: UIApplication, handleEventsForBackgroundURLSession identifier: String,
        completionHandler: @escaping () -> Void
    ) {
        rig.wakes.add(identifier)
        handle(identifier, completionHandler)
    }

    /// The one line.
    func handle(_ identifier: String, _ completionHandler: @escaping () -> Void) {
        sessions?.handleEvents(forBackgroundURLSession: identifier, completionHandler: completionHandler)
    }
}

/// Runs a test with an app on a phone that the user has not opened yet.
@MainActor
func withPhone(
    sessions identifiers: [String] = ["maps"], app: @escaping @MainActor (Rig) -> PhoneApp = PhoneApp.init,
    _ test: @MainActor (Rig) async throws -> Void
) async throws {
    try await System.exclusive { system in
        let rig = try Rig(.phone, on: system, sessions: identifiers)
        system.install(phoneApp: { app(rig) })
        try await cleaningUp(after: { try await test(rig) }, { try await rig.end() })
    }
}
