#if canImport(Network)
    import Foundation

    /// One thing that the platform says about itself, and how its changes are heard of.
    @MainActor
    package struct ConditionsSource {
        package typealias Change = @MainActor @Sendable (inout SystemConditions) -> Void
        /// Takes a change from any thread.
        package typealias Tell = @Sendable (@escaping Change) -> Void

        /// Enters what the platform says now.
        let look: Change
        /// Tells of changes for as long as what it returns is kept.
        let watch: @MainActor (_ tell: @escaping Tell) -> [AnyObject]
    }

    extension ConditionsSource {
        /// Does what each of these notifications says.
        init(look: @escaping Change, on notifications: [Notification.Name: Change]) {
            self.look = look
            watch = { tell in
                notifications.map { name, change in observe(name) { tell(change) } }
            }
        }

        /// Looks whenever one of these notifications comes.
        init(look: @escaping Change, at notifications: [Notification.Name]) {
            self.init(look: look, on: Dictionary(uniqueKeysWithValues: notifications.map { ($0, look) }))
        }
    }

    /// Hears a notification, on the thread that posts it, for as long as the result is kept.
    func observe(_ name: Notification.Name, _ action: @escaping @Sendable () -> Void) -> AtRelease {
        let center = NotificationCenter.default
        nonisolated(unsafe) let token = center.addObserver(forName: name, object: nil, queue: nil) { _ in action() }
        return AtRelease { center.removeObserver(token) }
    }

    /// Does something when nobody keeps it any more.
    final class AtRelease: Sendable {
        private let action: @Sendable () -> Void

        init(_ action: @escaping @Sendable () -> Void) {
            self.action = action
        }

        deinit {
            action()
        }
    }
#endif
