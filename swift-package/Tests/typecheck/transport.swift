// watchos,ios,macos 6 ok
import Foundation

final class Transport: NSObject, URLSessionDownloadDelegate {
    func session() -> URLSession {
        let configuration = URLSessionConfiguration.background(withIdentifier: "maps")
        configuration.sessionSendsLaunchEvents = true
        configuration.isDiscretionary = true
        return URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
    }

    func urlSession(
        _ session: URLSession, downloadTask: URLSessionDownloadTask, didFinishDownloadingTo location: URL
    ) {
        try? FileManager.default.moveItem(at: location, to: .temporaryDirectory.appending(path: "map"))
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        guard let error = error as? URLError, error.code == .cancelled else { return }
        print(error.backgroundTaskCancelledReason == .userForceQuitApplication, error.downloadTaskResumeData as Any)
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, didFinishCollecting metrics: URLSessionTaskMetrics
    ) {
        for transaction in metrics.transactionMetrics { print(transaction.networkProtocolName ?? "") }
    }
}
