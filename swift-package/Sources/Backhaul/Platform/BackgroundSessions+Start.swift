#if canImport(Network)
    import Foundation

    extension BackgroundSessions {
        /// Everything that an app does at each launch, in one call (rule W5): the sessions are made again under what
        /// the system is like now, and from then on they hear of every change.
        ///
        /// ```swift
        /// let sessions = try BackgroundSessions.start { identifier in
        ///     try SessionLaunch(configuration: .background(withIdentifier: identifier), delegate: Downloads())
        /// }
        /// ```
        ///
        /// Call it on the main thread before the app has finished launching, in the foreground or for a wake.
        ///
        /// - Parameters:
        ///   - container: The directory that holds their store; nil for the platform's usual place.
        ///   - previousExit: How the process before this one ended (rule W6).
        ///   - wakeScheduler: Who asks the platform for wakes, such as ``BackgroundTaskWakes``, which is told to hand
        ///     them to the sessions. On watchOS it is ``WatchWakes`` unless given.
        ///   - monitor: Says what the system is like. It is kept as long as the sessions.
        ///   - make: The parts of the session with an identifier; nil if this version of the app no longer knows it.
        /// - Throws: ``BackhaulError/Kind/containerInUse``, ``BackhaulError/Kind/storeTooNew``,
        ///   ``BackhaulError/Kind/store``.
        @available(iOSApplicationExtension, unavailable, message: "an extension is no application: use launch")
        @MainActor
        public static func start(
            container: URL? = nil,
            previousExit: PreviousExit = .ordinary,
            wakeScheduler: (any WakeScheduler)? = nil,
            monitor: SystemConditionsMonitor = SystemConditionsMonitor(),
            make: @escaping @Sendable (String) throws -> SessionLaunch?
        ) throws(BackhaulError) -> BackgroundSessions {
            let wakeScheduler = wakeScheduler ?? standardWakeScheduler
            let sessions = try launch(
                container: container,
                conditions: monitor.current,
                previousExit: previousExit,
                wakeScheduler: wakeScheduler,
                make: make
            )
            sessions.companion.withLock { $0 = monitor }
            monitor.start { [weak sessions] in sessions?.setConditions($0) }
            (wakeScheduler as? any WakeSource)?.deliver(to: sessions)
            return sessions
        }

        private static var standardWakeScheduler: (any WakeScheduler)? {
            #if os(watchOS)
                WatchWakes()
            #else
                nil
            #endif
        }

        /// Has the monitor look again, at a wake: while the app was suspended nobody told it anything.
        func lookAgain() {
            guard let monitor = companion.withLock({ $0 as? SystemConditionsMonitor }) else { return }
            onMainThread { monitor.lookAgain() }
        }
    }

    /// A scheduler whose wakes do not come through the app's delegate.
    protocol WakeSource: WakeScheduler {
        func deliver(to sessions: BackgroundSessions)
    }
#endif
