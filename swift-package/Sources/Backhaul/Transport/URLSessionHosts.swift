internal import BackhaulGenerated
import Foundation

/// The process's hosts of background sessions, by identifier: the system would answer a second `URLSession` of one
/// identifier with the old one, and its old delegate.
final class URLSessionHosts: Sendable {
    static let shared = URLSessionHosts()

    /// Held by their transports, and by the system's sessions as long as those are valid.
    private struct Entry {
        weak var host: URLSessionHost?
        let folder: URL
    }

    private let entries = Guarded<[String: Entry]>([:])

    /// The host of an identifier: the one there is, or a new one.
    ///
    /// - Throws: ``BackhaulError/Kind/sessionInUse`` when a session of another container has the identifier: the system
    ///   knows nothing of containers.
    func host(
        identifier: String,
        folder: URL,
        make: () throws -> URLSessionHost
    ) throws -> URLSessionHost {
        try entries.withLock { entries in
            entries = entries.filter { $0.value.host != nil }
            if let entry = entries[identifier], let host = entry.host {
                guard entry.folder == folder else {
                    let reason = "the system has one session for each identifier, and another container has this one"
                    throw BackhaulError(.sessionInUse, reason)
                }
                return host
            }
            let host = try make()
            entries[identifier] = Entry(host: host, folder: folder)
            return host
        }
    }
}
