import Foundation
import FoundationNetworking

/// What a configuration has only on Apple's platforms. The values are kept and copied with it, and change nothing:
/// no session on Linux is a background session.
extension URLSessionConfiguration {
    public class func background(withIdentifier identifier: String) -> URLSessionConfiguration {
        let configuration = URLSessionConfiguration.default
        configuration.identifier = identifier
        return configuration
    }

    public var sessionSendsLaunchEvents: Bool {
        get { kept("sessionSendsLaunchEvents") ?? true }
        set { keep(newValue, "sessionSendsLaunchEvents") }
    }

    public var waitsForConnectivity: Bool {
        get { kept("waitsForConnectivity") ?? false }
        set { keep(newValue, "waitsForConnectivity") }
    }

    public var allowsExpensiveNetworkAccess: Bool {
        get { kept("allowsExpensiveNetworkAccess") ?? true }
        set { keep(newValue, "allowsExpensiveNetworkAccess") }
    }

    public var allowsConstrainedNetworkAccess: Bool {
        get { kept("allowsConstrainedNetworkAccess") ?? true }
        set { keep(newValue, "allowsConstrainedNetworkAccess") }
    }

    /// Foundation's one property that takes anything, is copied with a configuration, and is not read on Linux.
    private func keep(_ value: Bool, _ key: String) {
        connectionProxyDictionary = (connectionProxyDictionary ?? [:]).merging([key: value]) { _, new in new }
    }

    private func kept(_ key: String) -> Bool? {
        connectionProxyDictionary?[key] as? Bool
    }
}
