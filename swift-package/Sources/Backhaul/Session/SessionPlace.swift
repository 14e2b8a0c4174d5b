import Foundation

/// Where the sessions of one launch live, whatever their configurations say.
package enum SessionPlace: Sendable {
    /// In this process, with their store in the container; nil is the platform's usual one.
    case container(URL?)
    /// On a simulated phone, which brings everything below them.
    case simulated

    func settle(_ settings: inout SessionSettings) {
        switch self {
        case .container(let container): settings.container = container
        // The system's own service must not even be looked at.
        case .simulated: settings.transferService = .builtIn
        }
    }
}
