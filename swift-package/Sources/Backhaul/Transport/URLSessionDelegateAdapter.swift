import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The system's delegate: tells a host what it is told. Called on the host's queue.
final class URLSessionDelegateAdapter: NSObject, URLSessionDownloadDelegate {
    private let host: URLSessionHost
    #if canImport(Darwin)
        private let trust: ServerTrust
    #endif

    init(_ host: URLSessionHost) {
        self.host = host
        #if canImport(Darwin)
            trust = ServerTrust(host.settings)
        #endif
    }

    func urlSession(_ session: URLSession, didBecomeInvalidWithError error: (any Error)?) {
        host.didBecomeInvalid()
    }

    func urlSession(
        _ session: URLSession,
        downloadTask: URLSessionDownloadTask,
        didFinishDownloadingTo location: URL
    ) {
        host.download(downloadTask, didFinishTo: location)
    }

    func urlSession(
        _ session: URLSession,
        downloadTask: URLSessionDownloadTask,
        didWriteData bytesWritten: Int64,
        totalBytesWritten: Int64,
        totalBytesExpectedToWrite: Int64
    ) {
        host.download(
            downloadTask, didWrite: bytesWritten, total: totalBytesWritten, expectedTotal: totalBytesExpectedToWrite)
    }

    func urlSession(
        _ session: URLSession,
        downloadTask: URLSessionDownloadTask,
        didResumeAtOffset fileOffset: Int64,
        expectedTotalBytes: Int64
    ) {
        host.download(downloadTask, didResumeAt: fileOffset, expectedTotal: expectedTotalBytes)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        host.download(task, didCompleteWith: error)
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        host.download(task, isRedirectedBy: response, to: request, completionHandler)
    }

    #if canImport(Darwin)
        func urlSession(
            _ session: URLSession,
            task: URLSessionTask,
            didFinishCollecting metrics: URLSessionTaskMetrics
        ) {
            host.download(task, didCollect: CollectedMetrics(metrics))
        }
    #endif

    #if canImport(Darwin)
        /// At the task, not at the session: a refusal belongs to a transfer.
        func urlSession(
            _ session: URLSession,
            task: URLSessionTask,
            didReceive challenge: URLAuthenticationChallenge,
            completionHandler: @escaping @Sendable (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
        ) {
            let space = challenge.protectionSpace
            let isAboutServer = space.authenticationMethod == NSURLAuthenticationMethodServerTrust
            guard isAboutServer, let server = space.serverTrust else {
                return completionHandler(.performDefaultHandling, nil)
            }
            switch trust.judge(server, host: space.host) {
            case .performDefaultHandling:
                completionHandler(.performDefaultHandling, nil)
            case .trust(let trusted):
                completionHandler(.useCredential, URLCredential(trust: trusted))
            case .refuse(let failure):
                host.refuse(task, failure)
                completionHandler(.cancelAuthenticationChallenge, nil)
            }
        }
    #endif
}
