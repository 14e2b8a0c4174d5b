#if canImport(Network) && canImport(WatchKit) && (os(watchOS) || os(Linux))
    import Foundation
    import WatchKit

    /// Asks watchOS for the app's next wake: a background refresh (rules P6, P8).
    ///
    /// The wake comes as a `WKApplicationRefreshBackgroundTask`, for
    /// ``BackgroundSessions/handle(_:refreshesSnapshot:)``. There is one background refresh for an app: one that it
    /// schedules itself takes the place of this one, and the other way round. It waits for nothing but its date, and
    /// the system grants about four in an hour.
    public final class WatchWakes: WakeScheduler {
        private let wanted: Guarded<Date?>
        private let subscription: AtRelease

        /// Asks nobody until a session wants a wake.
        public init() {
            let wanted = Guarded<Date?>(nil)
            self.wanted = wanted
            // The system ignores a refresh whose date comes while the app is on the screen.
            subscription = observe(WKApplication.didEnterBackgroundNotification) {
                wanted.withLock { $0 }.map(WatchWakes.ask)
            }
        }

        public func schedule(_ request: WakeRequest) {
            let date = request.date(withoutConstraintsAt: Date())
            wanted.withLock { $0 = date }
            WatchWakes.ask(for: date)
        }

        /// The platform cannot take a refresh back: it comes, finds nothing to do, and ends.
        public func cancel() {
            wanted.withLock { $0 = nil }
        }

        private static func ask(for date: Date) {
            onMainThread {
                // Refused where the user has turned background refresh off: then the next use of the app comes first.
                let completion: @Sendable ((any Error)?) -> Void = { _ in }
                WKApplication.shared().scheduleBackgroundRefresh(
                    withPreferredDate: date, userInfo: nil, scheduledCompletion: completion)
            }
        }
    }
#endif
