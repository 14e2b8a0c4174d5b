#if canImport(Network)
    import Foundation

    /// Watches what the system is like: network, power, heat, and where the app is in its life.
    ///
    /// It polls nothing: the platform's notifications are what it goes by, and it speaks only when something changed.
    /// That the app becomes active is such a change, and has everything told that waits in the journal (rule W7).
    /// ``BackgroundSessions/start(container:previousExit:wakeScheduler:monitor:make:)`` makes one and keeps it.
    ///
    /// | | from | where |
    /// |---|---|---|
    /// | network, its cost, Low Data Mode | `NWPathMonitor` | iOS, macOS; on watchOS it is hidden from apps |
    /// | Low Power Mode, heat | `ProcessInfo` | everywhere |
    /// | battery, charger | `UIDevice`, `WKInterfaceDevice` | iOS, watchOS |
    /// | the app's state | `UIApplication`, `WKApplication` | iOS, watchOS |
    /// | protected data | `UIApplication` | iOS |
    @MainActor
    public final class SystemConditionsMonitor {
        private let sources: [ConditionsSource]
        private var conditions = SystemConditions()
        private var subscriptions: [AnyObject] = []
        private var apply: (@Sendable (SystemConditions) -> Void)?

        /// Everything that this platform says.
        @available(iOSApplicationExtension, unavailable, message: "an extension knows no state of the app")
        public convenience init() {
            self.init(sources: .standard)
        }

        package init(sources: [ConditionsSource]) {
            self.sources = sources
        }

        /// What the system is like now. For the very first answer about the network it waits up to 0.2 s.
        public var current: SystemConditions {
            for source in sources { source.look(&conditions) }
            return conditions
        }

        /// Calls `apply` on the main thread: now, and whenever something changed.
        public func start(_ apply: @escaping @Sendable (SystemConditions) -> Void) {
            self.apply = apply
            let tell: ConditionsSource.Tell = { [weak self] change in onMainThread { self?.change(change) } }
            subscriptions = sources.flatMap { $0.watch(tell) }
            apply(current)
        }

        /// Says no more.
        public func stop() {
            subscriptions = []
            apply = nil
        }

        /// Looks again at everything: at a wake, when notifications may still be on their way.
        func lookAgain() {
            change { [sources] conditions in
                for source in sources { source.look(&conditions) }
            }
        }

        private func change(_ change: ConditionsSource.Change) {
            let before = conditions
            change(&conditions)
            if conditions != before { apply?(conditions) }
        }
    }

    extension [ConditionsSource] {
        /// Those of this platform.
        @available(iOSApplicationExtension, unavailable)
        @MainActor static var standard: [ConditionsSource] {
            #if os(watchOS)
                .watch
            #elseif canImport(UIKit) && !os(Linux)
                .phone
            #else
                [.networkPath, .powerAndHeat]
            #endif
        }
    }
#endif
