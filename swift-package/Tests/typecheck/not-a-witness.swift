// watchos 6 error: has different argument labels from those required by protocol
import Foundation

final class Delegate: NSObject, URLSessionDownloadDelegate {
    func urlSession(_ session: URLSession, downloadTask: URLSessionDownloadTask, didFinishDownloading to: URL) {}
}
