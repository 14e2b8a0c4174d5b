internal import BackhaulGenerated
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The system's own transfer service, for a session with these settings.
///
/// - Throws: ``BackhaulError/Kind/invalidRequest`` for what it cannot do here, ``BackhaulError/Kind/sessionInUse`` for
///   an identifier of another container's session, ``BackhaulError/Kind/file`` when its folder cannot be made.
func makeSystemTransport(
    for settings: SessionSettings
) throws(BackhaulError) -> any BackhaulGenerated.PlatformTransport {
    #if !canImport(Darwin)
        if settings.trustEvaluator != nil || !settings.rootCertificates.isEmpty {
            let reason = "the system's URLSession asks nobody about certificates here; use .builtIn"
            throw BackhaulError(.invalidRequest, reason)
        }
    #endif
    if settings.bandwidthLimit != nil {
        Log.write(.warning, "the system's URLSession has no bandwidth limit: the session's is not kept to")
    }
    do {
        return URLSessionTransport(try makeHost(for: settings), settings)
    } catch let error as BackhaulError {
        throw error
    } catch {
        throw BackhaulError(.file, "the container has no folder for received files: \(error)")
    }
}

private func makeHost(for settings: SessionSettings) throws -> URLSessionHost {
    guard let identifier = settings.identifier else {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("backhaul-\(UUID().uuidString)", isDirectory: true)
        return try URLSessionHost(
            settings: settings, outlivesProcess: false, folder: folder, isTemporary: true,
            makeURLSession: makeURLSession)
    }
    let folder = settings.containerDirectory
        .appendingPathComponent("urlsession", isDirectory: true)
        .appendingPathComponent(folderName(for: identifier), isDirectory: true)
    return try URLSessionHosts.shared.host(identifier: identifier, folder: folder) {
        #if canImport(Darwin)
            let outlivesProcess = true
        #else
            let outlivesProcess = false
        #endif
        return try URLSessionHost(
            settings: settings, outlivesProcess: outlivesProcess, folder: folder, isTemporary: false,
            makeURLSession: makeURLSession)
    }
}

@Sendable private func makeURLSession(for host: URLSessionHost) -> any TransferURLSession {
    let queue = OperationQueue()
    queue.underlyingQueue = host.queue
    queue.maxConcurrentOperationCount = 1
    return URLSession(
        configuration: .transferring(for: host.settings),
        delegate: URLSessionDelegateAdapter(host),
        delegateQueue: queue
    )
}

/// An identifier as the name of a folder: readable, and short enough for any file system.
private func folderName(for identifier: String) -> String {
    let plain = CharacterSet(charactersIn: "-_.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    let escaped = identifier.addingPercentEncoding(withAllowedCharacters: plain) ?? "session"
    guard escaped.utf8.count > 128 else { return escaped }
    // FNV-1a: the beginning of two long identifiers may be the same.
    let hash = identifier.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return escaped.prefix(100) + "-" + String(hash, radix: 16)
}
