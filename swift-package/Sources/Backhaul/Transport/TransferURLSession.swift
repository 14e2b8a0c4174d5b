import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

// What is used of `URLSession`: a protocol, so that tests can stand in for what Linux lacks, a later process above all.

/// A download of the system's.
protocol TransferTask: AnyObject, Sendable {
    /// Unique within its session and process only: what a later process knows it by is in `taskDescription`.
    var taskIdentifier: Int { get }
    var taskDescription: String? { get set }
    var state: URLSessionTask.State { get }
    var originalRequest: URLRequest? { get }
    var response: URLResponse? { get }
    var countOfBytesClientExpectsToReceive: Int64 { get set }

    func resume()
    func cancel()
    /// Cancels, and gives what the download can go on from, if there is anything: on any thread.
    func cancelKeepingData(_ completion: @escaping @Sendable (Data?) -> Void)
}

/// A session of the system's. Its delegate is called on the queue of the ``URLSessionHost`` that it was made for.
protocol TransferURLSession: AnyObject, Sendable {
    func makeDownload(with request: URLRequest) -> any TransferTask
    func makeDownload(resumingFrom data: Data) -> any TransferTask
    /// Every task that has not ended, of an earlier process too: on any thread.
    func allDownloads(_ completion: @escaping @Sendable ([any TransferTask]) -> Void)

    func finishTasksAndInvalidate()
    func invalidateAndCancel()
}

extension URLSessionTask: TransferTask {
    func cancelKeepingData(_ completion: @escaping @Sendable (Data?) -> Void) {
        if let download = self as? URLSessionDownloadTask {
            download.cancel(byProducingResumeData: completion)
        } else {
            cancel()
            completion(nil)
        }
    }
}

extension URLSession: TransferURLSession {
    func makeDownload(with request: URLRequest) -> any TransferTask {
        downloadTask(with: request)
    }

    func makeDownload(resumingFrom data: Data) -> any TransferTask {
        downloadTask(withResumeData: data)
    }

    func allDownloads(_ completion: @escaping @Sendable ([any TransferTask]) -> Void) {
        getAllTasks { completion($0) }
    }
}
