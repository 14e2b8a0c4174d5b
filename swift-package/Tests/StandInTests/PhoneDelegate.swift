import StandInSystem
import UIKit

/// An app that notes what it is told, and holds its completion handlers for the test.
@MainActor final class PhoneDelegate: NSObject, UIApplicationDelegate {
    var calls: [String] = []
    var states: [UIApplication.State] = []
    var wakes: [(session: String, complete: () -> Void)] = []
    var onLaunch: () -> Void = {}

    func application(
        _ application: UIApplication,
        didFinishLaunchingWithOptions launchOptions: [UIApplication.LaunchOptionsKey: Any]?
    ) -> Bool {
        note("didFinishLaunching", application)
        onLaunch()
        return true
    }

    func applicationDidBecomeActive(_ application: UIApplication) { note("didBecomeActive", application) }
    func applicationWillResignActive(_ application: UIApplication) { note("willResignActive", application) }
    func applicationDidEnterBackground(_ application: UIApplication) { note("didEnterBackground", application) }
    func applicationWillEnterForeground(_ application: UIApplication) { note("willEnterForeground", application) }

    func application(
        _ application: UIApplication, handleEventsForBackgroundURLSession identifier: String,
        completionHandler: @escaping () -> Void
    ) {
        note("handleEvents(\(identifier))", application)
        wakes.append((identifier, completionHandler))
    }

    private func note(_ call: String, _ application: UIApplication) {
        calls.append(call)
        states.append(application.applicationState)
    }
}

extension System {
    /// Puts an app on the phone that is in use, and then suspended with one transfer of the session outstanding.
    @MainActor func suspendPhoneApp(transferring session: String = "maps") async -> PhoneDelegate {
        let delegate = PhoneDelegate()
        install(phoneApp: { delegate })
        open()
        transferStarted(in: session)
        leave()
        await advance(by: .minutes(1))
        return delegate
    }

    /// The same, and woken by the end of the transfer, with patience for no answer.
    @MainActor func wakePhoneApp() async -> PhoneDelegate {
        let delegate = await suspendPhoneApp()
        patience = .zero
        transferFinished(in: "maps")
        await advance(by: .zero)
        return delegate
    }
}
