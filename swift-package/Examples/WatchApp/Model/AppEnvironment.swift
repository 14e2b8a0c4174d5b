import Backhaul
import Foundation
import WatchAppContent

#if canImport(WidgetKit)
    import WidgetKit
#endif

/// Where the app lives: what differs between a watch, the simulator and a test.
public struct AppEnvironment: Sendable {
    /// The folder on the server that holds `feed.json`.
    var server: URL
    /// The folder that the app shares with its widget.
    var content: URL
    /// Backhaul's store; nil for the platform's usual place.
    var container: URL?
    /// How long after a feed came the next one is worth asking for.
    var refreshInterval: Duration = .seconds(60 * 60)
    /// How often the list is read anew while it is on the screen.
    var lookInterval: Duration = .seconds(2)
    /// The last word on the session.
    var configure: @Sendable (inout SessionConfiguration<Background>) -> Void = { _ in }
    /// Has the widget's timeline made again.
    var reloadWidget: @Sendable () -> Void = {}
    /// Says what the system is like.
    var makeMonitor: @MainActor @Sendable () -> SystemConditionsMonitor = { SystemConditionsMonitor() }
    /// Asks the system for wakes; nil for the platform's own.
    var makeWakeScheduler: @MainActor @Sendable () -> (any WakeScheduler)? = { nil }

    init(server: URL, content: URL) {
        self.server = server
        self.content = content
    }
}

extension AppEnvironment {
    /// On a watch or in the simulator.
    ///
    /// - Throws: `MissingEntitlement`.
    static func live() throws -> AppEnvironment {
        // The example's own server: see the README.
        var environment = AppEnvironment(
            server: URL(string: "http://localhost:8000/")!, content: try AppGroup.directory())
        environment.configure = { $0.plainHTTPHosts = ["localhost"] }
        #if canImport(WidgetKit)
            environment.reloadWidget = { WidgetCenter.shared.reloadTimelines(ofKind: AppGroup.widgetKind) }
        #endif
        return environment
    }
}
