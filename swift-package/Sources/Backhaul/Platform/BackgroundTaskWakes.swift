#if canImport(Network) && canImport(BackgroundTasks) && !os(macOS) && !os(watchOS)
    import BackgroundTasks
    import Foundation

    /// Asks iOS for the app's next wake through `BGTaskScheduler`, and hands it to the sessions (rules S5, P6, W3).
    ///
    /// An app refresh lends about 30 seconds and waits for nothing but its date. A processing task lends minutes, while
    /// the device is idle, and waits for a charger and a network: it is asked for when only that is of use.
    ///
    /// Make one before the app has finished launching, as `BGTaskScheduler` wants it, and only once: the system ends an
    /// app that registers an identifier twice. Both identifiers belong in the Info.plist, under
    /// `BGTaskSchedulerPermittedIdentifiers`.
    public final class BackgroundTaskWakes: WakeSource {
        /// A processing task has no documented limit: the system says when its time is over.
        private static let processingLimit = Duration.seconds(10 * 60)

        private struct Receiver {
            weak var sessions: BackgroundSessions?
        }

        private let refreshIdentifier: String
        private let processingIdentifier: String?
        private let receiver = Guarded(Receiver())

        /// Registers the identifiers.
        ///
        /// - Throws: ``BackhaulError/Kind/system`` when the Info.plist does not permit one of them.
        public init(refreshIdentifier: String, processingIdentifier: String? = nil) throws(BackhaulError) {
            self.refreshIdentifier = refreshIdentifier
            self.processingIdentifier = processingIdentifier
            try register(refreshIdentifier, limit: nil)
            if let processingIdentifier {
                try register(processingIdentifier, limit: BackgroundTaskWakes.processingLimit)
            }
        }

        /// Hands wakes to these sessions, for as long as they live.
        /// ``BackgroundSessions/start(container:previousExit:wakeScheduler:monitor:make:)`` does it for you.
        public func deliver(to sessions: BackgroundSessions) {
            receiver.withLock { $0.sessions = sessions }
        }

        public func schedule(_ request: WakeRequest) throws {
            let requests = request.taskRequests(refreshIdentifier, processingIdentifier, now: Date())
            // What is asked for takes the place of what was; what is not asked for any more is taken back.
            for identifier in [refreshIdentifier, processingIdentifier].compactMap({ $0 })
            where !requests.contains(where: { $0.identifier == identifier }) {
                BGTaskScheduler.shared.cancel(taskRequestWithIdentifier: identifier)
            }
            for request in requests { try BGTaskScheduler.shared.submit(request) }
        }

        public func cancel() {
            for identifier in [refreshIdentifier, processingIdentifier].compactMap({ $0 }) {
                BGTaskScheduler.shared.cancel(taskRequestWithIdentifier: identifier)
            }
        }

        private func register(_ identifier: String, limit: Duration?) throws(BackhaulError) {
            // Not isolated, whatever calls this: the system calls it on a queue of its own.
            let launch: @Sendable (BGTask) -> Void = { [receiver] task in
                LentTask(task).hand(to: receiver.withLock { $0.sessions }, limit: limit)
            }
            let isPermitted = BGTaskScheduler.shared.register(
                forTaskWithIdentifier: identifier, using: nil, launchHandler: launch)
            guard isPermitted else {
                throw BackhaulError(
                    .system, "\(identifier) is missing from BGTaskSchedulerPermittedIdentifiers in the Info.plist")
            }
        }
    }

    extension WakeRequest {
        /// What `BGTaskScheduler` can be asked for in place of this.
        func taskRequests(_ refreshIdentifier: String, _ processingIdentifier: String?, now: Date) -> [BGTaskRequest] {
            let refresh = BGAppRefreshTaskRequest(identifier: refreshIdentifier)
            guard constraints.charging, let processingIdentifier else {
                refresh.earliestBeginDate = date(withoutConstraintsAt: now)
                return [refresh]
            }
            let processing = BGProcessingTaskRequest(identifier: processingIdentifier)
            processing.earliestBeginDate = earliestBeginDate
            processing.requiresExternalPower = true
            processing.requiresNetworkConnectivity =
                constraints.network || constraints.unmetered || constraints.notCellular
            guard let latest else { return [processing] }
            refresh.earliestBeginDate = latest
            return [processing, refresh]
        }
    }

    /// A background task on its way to the sessions and back. `BGTask` may be touched on any thread, without saying so.
    private struct LentTask: @unchecked Sendable {
        let task: BGTask

        init(_ task: BGTask) {
            self.task = task
        }

        func hand(to sessions: BackgroundSessions?, limit: Duration?) {
            // Nobody is there: the app has let its sessions go, or has not made them yet.
            guard let sessions else { return task.setTaskCompleted(success: false) }
            let isExpired = Guarded(false)
            let expire: @Sendable () -> Void = { [weak sessions] in
                isExpired.withLock { $0 = true }
                sessions?.expireBackgroundEvents()
            }
            task.expirationHandler = expire
            sessions.lookAgain()
            sessions.handleWake(
                WakeTicket(limit: limit, onMain: false) {
                    task.setTaskCompleted(success: !isExpired.withLock { $0 })
                }
            )
        }
    }
#endif
