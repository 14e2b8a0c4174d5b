#if canImport(UIKit) && !os(watchOS)
    extension BackgroundSessions {
        /// The one line of the app delegate's method of the same name (rule S5):
        ///
        /// ```swift
        /// func application(
        ///     _ application: UIApplication, handleEventsForBackgroundURLSession identifier: String,
        ///     completionHandler: @escaping () -> Void
        /// ) {
        ///     sessions.handleEvents(forBackgroundURLSession: identifier, completionHandler: completionHandler)
        /// }
        /// ```
        ///
        /// The handler is called exactly once, on the main thread: when everything was told to the session's delegate,
        /// or before the system's limit (rules W3, W4). False if the session is not one of these: then it is called
        /// at once.
        @MainActor @discardableResult
        public func handleEvents(
            forBackgroundURLSession identifier: String, completionHandler: @escaping () -> Void
        ) -> Bool {
            lookAgain()
            let handler = OnMain(completionHandler)
            let ticket = WakeTicket { MainActor.assumeIsolated { handler.value() } }
            return handleBackgroundEvents(forSession: identifier, ticket: ticket)
        }
    }
#endif
