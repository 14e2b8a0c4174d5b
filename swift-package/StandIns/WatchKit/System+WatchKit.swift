import Foundation
import StandInSystem

extension System {
    /// Puts an app on a watch. The closure makes its delegate, once for each life: what WatchKit does at launch.
    @MainActor public func install(watchApp makeDelegate: @escaping @MainActor () -> any WKApplicationDelegate) {
        install(on: .watch) { WatchApp(on: self, makeDelegate) }
    }
}

/// Tells the delegate of the app's life, and then posts the notification of the same name.
@MainActor final class WatchApp: AppHost {
    private let system: System
    private let delegate: any WKApplicationDelegate
    private let application: WKApplication

    init(on system: System, _ makeDelegate: @MainActor () -> any WKApplicationDelegate) {
        self.system = system
        application = .shared()
        delegate = makeDelegate()
        application.delegate = delegate
    }

    func launch() {
        delegate.applicationDidFinishLaunching()
        post(WKApplication.didFinishLaunchingNotification)
    }

    func willEnterForeground() {
        delegate.applicationWillEnterForeground()
        post(WKApplication.willEnterForegroundNotification)
    }

    func didBecomeActive() {
        delegate.applicationDidBecomeActive()
        post(WKApplication.didBecomeActiveNotification)
    }

    func willResignActive() {
        delegate.applicationWillResignActive()
        post(WKApplication.willResignActiveNotification)
    }

    func didEnterBackground() {
        delegate.applicationDidEnterBackground()
        post(WKApplication.didEnterBackgroundNotification)
    }

    /// One call, with a task for each session.
    func handleEvents(forBackgroundSessions identifiers: [String]) {
        var tasks: Set<WKRefreshBackgroundTask> = []
        for identifier in identifiers {
            let kind = Ticket.Kind.backgroundSession(identifier)
            guard let ticket = system.openTicket(kind, limit: system.limits.watchWake) else { return }
            tasks.insert(WKURLSessionRefreshBackgroundTask(ticket, sessionIdentifier: identifier))
        }
        delegate.handle(tasks)
    }

    private func post(_ name: Notification.Name) {
        NotificationCenter.default.post(name: name, object: application)
    }
}
