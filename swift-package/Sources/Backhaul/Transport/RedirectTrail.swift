internal import BackhaulGenerated
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The way from the URL that was asked for to the one that answers, and where it may lead (rules H3, T1). For sessions
/// that end with the process: in the background the system follows by itself, and the core looks at where it ended up.
struct RedirectTrail {
    static let limit = 10

    /// Hosts that plain http is allowed for, in lower case.
    private let plainHTTPHosts: Set<String>
    private var visited: [URL]

    var count: Int { visited.count - 1 }

    init(from url: URL, plainHTTPHosts: Set<String>) {
        self.plainHTTPHosts = Set(plainHTTPHosts.map { $0.lowercased() })
        visited = [url.withoutFragment]
    }

    /// The request that follows, without what must not be said there; or why none does.
    mutating func follow(_ proposed: URLRequest, secrets: [String]) -> Result<URLRequest, TransferFailure> {
        guard let here = visited.last, let target = proposed.url?.withoutFragment, let host = target.host else {
            return .failure(.init(.redirectRefused, "the server redirects to nowhere that a download can go"))
        }
        switch (here.scheme?.lowercased(), target.scheme?.lowercased()) {
        case ("https", "http"):
            let reason = "the server redirects from https to http, which would give up the protection of TLS"
            return .failure(.init(.redirectRefused, reason))
        case (_, "https"):
            break
        case (_, "http"):
            guard plainHTTPHosts.contains(host.lowercased()) else {
                return .failure(.init(.plainHttpNotAllowed, "plain http to \(host) is not allowed; use https"))
            }
        default:
            return .failure(.init(.redirectRefused, "the server redirects to something other than http"))
        }
        if visited.contains(target) {
            return .failure(.init(.tooManyRedirects, "the server redirects in a circle"))
        }
        if count >= Self.limit {
            return .failure(.init(.tooManyRedirects, "the server redirects more than \(Self.limit) times"))
        }
        visited.append(target)
        var request = proposed
        if !target.hasSameOrigin(as: here) { request.removeSecrets(named: secrets) }
        return .success(request)
    }
}

extension URL {
    /// It is not sent, so it makes no difference.
    fileprivate var withoutFragment: URL {
        var components = URLComponents(url: self, resolvingAgainstBaseURL: true)
        components?.fragment = nil
        return components?.url ?? self
    }

    /// Whether scheme, host and port, given or implied, are the same.
    fileprivate func hasSameOrigin(as other: URL) -> Bool {
        scheme?.lowercased() == other.scheme?.lowercased()
            && host?.lowercased() == other.host?.lowercased()
            && impliedPort == other.impliedPort
    }

    private var impliedPort: Int? {
        port ?? (scheme?.lowercased() == "https" ? 443 : 80)
    }
}
