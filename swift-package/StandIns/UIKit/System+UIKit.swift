import Foundation
import StandInSystem

extension System {
    /// Puts an app on a phone. The closure makes its delegate, once for each life: what UIKit does at launch.
    @MainActor public func install(phoneApp makeDelegate: @escaping @MainActor () -> any UIApplicationDelegate) {
        install(on: .phone) { PhoneApp(on: self, makeDelegate) }
    }
}

/// Tells the delegate of the app's life, and then posts the notification of the same name.
@MainActor final class PhoneApp: AppHost {
    private let system: System
    private let delegate: any UIApplicationDelegate
    private let application: UIApplication

    init(on system: System, _ makeDelegate: @MainActor () -> any UIApplicationDelegate) {
        self.system = system
        application = .shared
        delegate = makeDelegate()
        application.delegate = delegate
    }

    func launch() {
        _ = delegate.application(application, willFinishLaunchingWithOptions: nil)
        _ = delegate.application(application, didFinishLaunchingWithOptions: nil)
        application.post(UIApplication.didFinishLaunchingNotification)
    }

    func willEnterForeground() {
        delegate.applicationWillEnterForeground(application)
        application.post(UIApplication.willEnterForegroundNotification)
    }

    func didBecomeActive() {
        delegate.applicationDidBecomeActive(application)
        application.post(UIApplication.didBecomeActiveNotification)
    }

    func willResignActive() {
        delegate.applicationWillResignActive(application)
        application.post(UIApplication.willResignActiveNotification)
    }

    func didEnterBackground() {
        delegate.applicationDidEnterBackground(application)
        application.post(UIApplication.didEnterBackgroundNotification)
    }

    /// One call for each session.
    func handleEvents(forBackgroundSessions identifiers: [String]) {
        for identifier in identifiers {
            let rule = Ticket.Rule.completesOnMainThread(
                call: "the completion handler of handleEventsForBackgroundURLSession")
            let kind = Ticket.Kind.backgroundSession(identifier)
            guard let ticket = system.openTicket(kind, limit: system.limits.phoneWake, rule: rule) else { return }
            delegate.application(application, handleEventsForBackgroundURLSession: identifier) { ticket.complete() }
        }
    }
}
