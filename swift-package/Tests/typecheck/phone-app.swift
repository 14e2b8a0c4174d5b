// ios 6 ok
import BackgroundTasks
import Network
import SwiftUI
import os

final class AppDelegate: NSObject, UIApplicationDelegate {
    private let log = Logger(subsystem: "com.example.maps", category: "app")

    func application(
        _ application: UIApplication,
        didFinishLaunchingWithOptions launchOptions: [UIApplication.LaunchOptionsKey: Any]?
    ) -> Bool {
        let isPermitted = BGTaskScheduler.shared.register(forTaskWithIdentifier: "refresh", using: nil) { task in
            task.setTaskCompleted(success: task is BGAppRefreshTask)
        }
        let monitor = NWPathMonitor()
        monitor.pathUpdateHandler = { path in print(path.isExpensive, path.usesInterfaceType(.cellular)) }
        monitor.start(queue: .main)
        log.info("permitted: \(isPermitted, privacy: .public)")
        return true
    }

    func application(
        _ application: UIApplication, handleEventsForBackgroundURLSession identifier: String,
        completionHandler: @escaping () -> Void
    ) {
        completionHandler()
    }
}

@main struct PhoneApp: App {
    @UIApplicationDelegateAdaptor(AppDelegate.self) private var delegate

    var body: some Scene {
        WindowGroup { Text("Maps") }
            .backgroundTask(.appRefresh("refresh")) { print("refresh") }
    }
}
