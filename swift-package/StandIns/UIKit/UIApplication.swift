import Foundation
import StandInSystem

@MainActor open class UIResponder: NSObject {
    public nonisolated override init() {
        super.init()
    }
}

/// The app, as UIKit sees it: one object for each life of the app.
@MainActor open class UIApplication: UIResponder {
    public enum State: Int, Sendable {
        case active
        case inactive
        case background
    }

    public struct LaunchOptionsKey: Hashable, RawRepresentable, Sendable {
        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }
    }

    open class var shared: UIApplication {
        let system = System.shared
        // An app that is dead may still ask, until its last thread has ended.
        return system.process?.slot { UIApplication(of: system) } ?? UIApplication(of: system)
    }

    open weak var delegate: (any UIApplicationDelegate)?
    nonisolated let system: System
    nonisolated let backgroundTasks: BackgroundTasks

    private init(of system: System) {
        self.system = system
        backgroundTasks = BackgroundTasks(on: system)
        super.init()
        observeDevice()
    }

    open var applicationState: State {
        switch system.appState {
        case .active: .active
        case .inactive, .frontmost: .inactive
        case .background, .suspended, .notRunning: .background
        }
    }

    /// Whether files under complete protection can be read: not while the device is locked.
    open var isProtectedDataAvailable: Bool { system.conditions.isProtectedDataAvailable }

    open var backgroundRefreshStatus: UIBackgroundRefreshStatus {
        system.conditions.isBackgroundRefreshAllowed ? .available : .denied
    }

    private func observeDevice() {
        system.observe([.protectedDataWillBecomeUnavailable]) { [unowned self] _ in
            delegate?.applicationProtectedDataWillBecomeUnavailable(self)
            post(UIApplication.protectedDataWillBecomeUnavailableNotification)
        }
        system.observe([.protectedDataDidBecomeAvailable]) { [unowned self] _ in
            delegate?.applicationProtectedDataDidBecomeAvailable(self)
            post(UIApplication.protectedDataDidBecomeAvailableNotification)
        }
        system.observe([.backgroundRefresh]) { [unowned self] _ in
            post(UIApplication.backgroundRefreshStatusDidChangeNotification)
        }
    }

    func post(_ name: Notification.Name) {
        NotificationCenter.default.post(name: name, object: self)
    }
}

public enum UIBackgroundRefreshStatus: Int, Sendable {
    case restricted
    case denied
    case available
}

extension UIApplication {
    public nonisolated class var didFinishLaunchingNotification: Notification.Name {
        .init("UIApplicationDidFinishLaunchingNotification")
    }
    public nonisolated class var didBecomeActiveNotification: Notification.Name {
        .init("UIApplicationDidBecomeActiveNotification")
    }
    public nonisolated class var willResignActiveNotification: Notification.Name {
        .init("UIApplicationWillResignActiveNotification")
    }
    public nonisolated class var didEnterBackgroundNotification: Notification.Name {
        .init("UIApplicationDidEnterBackgroundNotification")
    }
    public nonisolated class var willEnterForegroundNotification: Notification.Name {
        .init("UIApplicationWillEnterForegroundNotification")
    }
    public nonisolated class var protectedDataWillBecomeUnavailableNotification: Notification.Name {
        .init("UIApplicationProtectedDataWillBecomeUnavailable")
    }
    public nonisolated class var protectedDataDidBecomeAvailableNotification: Notification.Name {
        .init("UIApplicationProtectedDataDidBecomeAvailable")
    }
    public nonisolated class var backgroundRefreshStatusDidChangeNotification: Notification.Name {
        .init("UIApplicationBackgroundRefreshStatusDidChangeNotification")
    }
}
