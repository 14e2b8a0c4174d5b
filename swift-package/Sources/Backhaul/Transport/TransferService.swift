package import BackhaulGenerated
import Foundation

/// What moves a session's bytes.
public struct TransferService: Sendable {
    private enum Choice: Sendable {
        case automatic
        case builtIn
        case system
        case custom(any BackhaulGenerated.PlatformTransport)
    }

    private let choice: Choice

    /// The system's `URLSession` on Apple platforms, where a process of ours is suspended when its app leaves the
    /// screen; the built-in HTTP elsewhere.
    public static let automatic = TransferService(choice: .automatic)

    /// HTTP in this process. Transfers stop with it, and go on with the next.
    public static let builtIn = TransferService(choice: .builtIn)

    /// The system's `URLSession`. Beyond Apple's platforms its transfers stop with the process, and begin again with
    /// the next; and it asks nobody about certificates: making a session with a trust evaluator or root certificates
    /// throws ``BackhaulError/Kind/invalidRequest`` there. It knows no ``SessionConfiguration/bandwidthLimit``.
    public static let system = TransferService(choice: .system)

    /// Another one: for tests of this package, and its simulated system.
    package static func custom(_ transport: any BackhaulGenerated.PlatformTransport) -> TransferService {
        TransferService(choice: .custom(transport))
    }

    /// Nil for the built-in HTTP.
    func transport(
        for settings: SessionSettings
    ) throws(BackhaulError) -> (any BackhaulGenerated.PlatformTransport)? {
        switch choice {
        case .custom(let transport):
            return transport
        case .builtIn:
            return nil
        case .automatic:
            #if canImport(Darwin)
                return try makeSystemTransport(for: settings)
            #else
                return nil
            #endif
        case .system:
            return try makeSystemTransport(for: settings)
        }
    }
}
