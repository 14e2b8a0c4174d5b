import Foundation
import StandInSystem

public enum WKApplicationState: Int, Sendable {
    case active
    case inactive
    case background
}

/// The watch app: one object for each life of the app.
@MainActor open class WKApplication: NSObject {
    open class func shared() -> WKApplication {
        let system = System.shared
        // An app that is dead may still ask, until its last thread has ended.
        return system.process?.slot { WKApplication(of: system) } ?? WKApplication(of: system)
    }

    open weak var delegate: (any WKApplicationDelegate)?
    let system: System

    private init(of system: System) {
        self.system = system
        super.init()
    }

    /// After the wrist went down an app is inactive, until it leaves the front.
    open var applicationState: WKApplicationState {
        switch system.appState {
        case .active: .active
        case .inactive, .frontmost: .inactive
        case .background, .suspended, .notRunning: .background
        }
    }

    /// Asks for one run in the background, not before the date and within the watch's budget. A second request takes
    /// the first one's place.
    open func scheduleBackgroundRefresh(
        withPreferredDate preferredFireDate: Date, userInfo: (any NSSecureCoding & NSObjectProtocol)?,
        scheduledCompletion: @escaping ((any Error)?) -> Void
    ) {
        system.slot { Refreshes(on: system) }.schedule(.refresh, at: preferredFireDate, userInfo: userInfo)
        scheduledCompletion(nil)
    }

    /// Asks for a moment to bring the app's picture in the dock up to date. A second request takes the first one's place.
    open func scheduleSnapshotRefresh(
        withPreferredDate preferredFireDate: Date, userInfo: (any NSSecureCoding & NSObjectProtocol)?,
        scheduledCompletion: @escaping ((any Error)?) -> Void
    ) {
        system.slot { Refreshes(on: system) }.schedule(.snapshot, at: preferredFireDate, userInfo: userInfo)
        scheduledCompletion(nil)
    }
}

extension WKApplication {
    public nonisolated class var didFinishLaunchingNotification: Notification.Name {
        .init("WKApplicationDidFinishLaunchingNotification")
    }
    public nonisolated class var didBecomeActiveNotification: Notification.Name {
        .init("WKApplicationDidBecomeActiveNotification")
    }
    public nonisolated class var willResignActiveNotification: Notification.Name {
        .init("WKApplicationWillResignActiveNotification")
    }
    public nonisolated class var willEnterForegroundNotification: Notification.Name {
        .init("WKApplicationWillEnterForegroundNotification")
    }
    public nonisolated class var didEnterBackgroundNotification: Notification.Name {
        .init("WKApplicationDidEnterBackgroundNotification")
    }
}
