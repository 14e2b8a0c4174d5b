#if canImport(Network)
    extension BackgroundSessions {
        /// The one line of a scene's background task (rule S5). It returns when the wake is over, which is how SwiftUI
        /// wants to hear of it (rules W3, W4):
        ///
        /// ```swift
        /// WindowGroup { ContentView() }
        ///     .backgroundTask(.urlSession("com.example.maps")) {
        ///         await sessions.handleBackgroundEvents(forSession: "com.example.maps")
        ///     }
        /// ```
        ///
        /// SwiftUI cancels the task when the system wants its time back: the wake then ends within two seconds.
        public func handleBackgroundEvents(forSession identifier: String) async {
            lookAgain()
            await lend { handleBackgroundEvents(forSession: identifier, ticket: $0) }
        }

        /// The same for a background task that is for no session in particular, such as `.appRefresh`.
        public func handleWake() async {
            lookAgain()
            await lend { handleWake($0) }
        }

        private func lend(_ hand: (WakeTicket) -> Bool) async {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    _ = hand(WakeTicket(limit: .platformWake, onMain: false) { continuation.resume() })
                    // Cancelled before there was anything to take back.
                    if Task.isCancelled { expireBackgroundEvents() }
                }
            } onCancel: {
                expireBackgroundEvents()
            }
        }
    }

    extension Duration {
        /// A watch lends about 15 seconds. Elsewhere the library's own limit fits.
        static var platformWake: Duration? {
            #if os(watchOS)
                .watchWake
            #else
                nil
            #endif
        }

        /// The limit of a wake on a watch, which lends about 15 seconds.
        static let watchWake = Duration.seconds(10)
    }
#endif
