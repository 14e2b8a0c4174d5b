import Foundation

/// The end of one life of the app: why and when.
public struct Death: Sendable, Equatable {
    public enum Reason: Sendable, Equatable {
        /// A ticket was given back a second time.
        case completedTwice(Ticket.Kind)
        /// A ticket's time was over, and then its completion came after all.
        case completedLate(Ticket.Kind)
        /// A ticket's time was over.
        case neverCompleted(Ticket.Kind)
        /// Called elsewhere though the documentation says the main thread; holds the name of what was called.
        case notOnMainThread(String)
        /// What is an uncatchable `NSException` on the platform; holds its reason.
        case exception(String)
        /// The system needed the memory of a suspended app.
        case purged
        /// The user swiped the app away.
        case forceQuit
        /// The device was restarted.
        case reboot
    }

    public internal(set) var reason: Reason
    /// By the device's clock.
    public let date: Date

    /// Whether the app is to blame: a memory shortage, the user and a restart come to every app.
    public var isFault: Bool {
        switch reason {
        case .purged, .forceQuit, .reboot: false
        default: true
        }
    }
}
