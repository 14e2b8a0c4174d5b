internal import BackhaulGenerated
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

extension URLSessionConfiguration {
    /// The system's configuration for a session with these settings.
    ///
    /// The deadline of a task is the core's: the system's own, which begins with each attempt and so comes later, only
    /// ends what goes on while the app is away. Nothing is cached, and no cookies or credentials are kept.
    static func transferring(for settings: SessionSettings) -> URLSessionConfiguration {
        let configuration = ofKind(settings.kind)
        configuration.timeoutIntervalForRequest = settings.timeoutIntervalForRequest.interval
        configuration.timeoutIntervalForResource = settings.timeoutIntervalForResource.interval
        configuration.httpMaximumConnectionsPerHost = settings.httpMaximumConnectionsPerHost
        configuration.allowsCellularAccess = settings.allowsCellularAccess
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        configuration.urlCache = nil
        configuration.urlCredentialStorage = nil
        configuration.httpCookieStorage = nil
        configuration.httpCookieAcceptPolicy = .never
        configuration.httpShouldSetCookies = false
        #if canImport(Darwin)
            configuration.allowsExpensiveNetworkAccess = settings.allowsExpensiveNetworkAccess
            configuration.allowsConstrainedNetworkAccess = settings.allowsConstrainedNetworkAccess
            configuration.tlsMinimumSupportedProtocolVersion = .TLSv12
            if settings.identifier != nil {
                configuration.isDiscretionary = settings.isDiscretionary
                configuration.sessionSendsLaunchEvents = settings.sendsLaunchEvents
            } else {
                // The core waits by itself, and says why.
                configuration.waitsForConnectivity = false
            }
        #endif
        return configuration
    }

    private static func ofKind(_ kind: BackhaulGenerated.SessionKind) -> URLSessionConfiguration {
        switch kind {
        case .default:
            return .default
        case .ephemeral:
            return .ephemeral
        case .background(let identifier), .watch(let identifier):
            #if canImport(Darwin)
                return .background(withIdentifier: identifier)
            #else
                // Elsewhere no service outlives the process: what it was about is started again by the next one.
                _ = identifier
                return .default
            #endif
        }
    }
}
