import Foundation

// Nothing but the finished file has to be handled.

extension SessionDelegate {
    public func urlSession(_ session: Session, didBecomeInvalidWithError error: BackhaulError?) throws {}
    public func urlSessionDidFinishEvents(forBackgroundURLSession session: Session) throws {}
    public func urlSession(_ session: Session, didRecover recovery: StoreRecovery) throws {}
    public func urlSession(_ session: Session, didCancelUnknownTransfer transfer: TransferID) throws {}
}

extension SessionTaskDelegate {
    public func urlSession(_ session: Session, didCreateTask task: DownloadTask) throws {}

    public func urlSession(
        _ session: Session,
        taskIsWaiting task: DownloadTask,
        for reason: WaitReason
    ) throws {}

    public func urlSession(
        _ session: Session,
        task: DownloadTask,
        willPerformHTTPRedirection response: Response,
        newRequest request: Request
    ) throws -> Bool { true }

    public func urlSession(
        _ session: Session,
        task: DownloadTask,
        didFinishCollecting metrics: TaskMetrics
    ) throws {}

    public func urlSession(
        _ session: Session,
        task: DownloadTask,
        didCompleteWithError error: BackhaulError?
    ) throws {}
}

extension SessionDownloadDelegate {
    public func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didFinishDownloadingTo file: DownloadedFile
    ) throws {
        try urlSession(session, downloadTask: downloadTask, didFinishDownloadingTo: file.location)
    }

    public func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didWriteData bytesWritten: Int64,
        totalBytesWritten: Int64,
        totalBytesExpectedToWrite: Int64
    ) throws {}

    public func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didResumeAtOffset fileOffset: Int64,
        expectedTotalBytes: Int64
    ) throws {}

    public func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didReceive response: Response
    ) throws {}

    public func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didRestart reason: RestartReason,
        discarded: Int64
    ) throws {}
}
