#if canImport(Network) && canImport(WatchKit) && (os(watchOS) || os(Linux))
    import Foundation
    import WatchKit

    extension BackgroundSessions {
        /// The one line of the app delegate's method of the same name (rule S5):
        ///
        /// ```swift
        /// func handle(_ backgroundTasks: Set<WKRefreshBackgroundTask>) {
        ///     sessions.handle(backgroundTasks)
        /// }
        /// ```
        ///
        /// Every task is completed exactly once, on the main thread (rules W3, W4): that of a background `URLSession`
        /// when everything was told to its session's delegate, a refresh when every session is done with it, both
        /// before the system's limit; all others at once. Take out those that the app handles itself.
        ///
        /// - Parameters:
        ///   - backgroundTasks: What `WKApplicationDelegate.handle(_:)` was given.
        ///   - refreshesSnapshot: Whether the system is asked for a new snapshot after a wake in which the app may have
        ///     got something new to show.
        @MainActor
        public func handle(_ backgroundTasks: Set<WKRefreshBackgroundTask>, refreshesSnapshot: Bool = false) {
            lookAgain()
            for task in backgroundTasks {
                switch task {
                case let task as WKURLSessionRefreshBackgroundTask:
                    let session = session(withIdentifier: task.sessionIdentifier)
                    let ticket = ticket(for: task, refreshesSnapshot) { session?.expireBackgroundEvents() }
                    handleBackgroundEvents(forSession: task.sessionIdentifier, ticket: ticket)
                case let task as WKApplicationRefreshBackgroundTask:
                    handleWake(ticket(for: task, refreshesSnapshot) { [weak self] in self?.expireBackgroundEvents() })
                case let task as WKSnapshotRefreshBackgroundTask:
                    task.setTaskCompleted(
                        restoredDefaultState: false, estimatedSnapshotExpiration: .distantFuture, userInfo: nil)
                default:
                    task.setTaskCompletedWithSnapshot(false)
                }
            }
        }

        @MainActor
        private func ticket(
            for task: WKRefreshBackgroundTask, _ refreshesSnapshot: Bool, expire: @escaping @Sendable () -> Void
        ) -> WakeTicket {
            task.expirationHandler = expire
            let task = OnMain(task)
            return WakeTicket(limit: .watchWake) {
                MainActor.assumeIsolated { task.value.setTaskCompletedWithSnapshot(refreshesSnapshot) }
            }
        }
    }
#endif
