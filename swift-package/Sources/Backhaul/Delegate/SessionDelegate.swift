import Foundation

/// Is told about a session as a whole. The names are those of `URLSessionDelegate`.
///
/// **Threading.** Calls of one session come one at a time, on its ``DelegateQueue`` (rule L2). No lock of ours
/// is held: a delegate may call the session and its tasks. A slow one delays only its own session's calls.
///
/// **Life.** The session holds its delegate until it was told ``urlSession(_:didBecomeInvalidWithError:)``, as
/// `URLSession` does: invalidate a session that is no longer needed (rule C3), or let it go with all its tasks.
///
/// **Throwing.** What a method throws is logged. Those that tell the end of a task leave it in the journal: it
/// is told again at the next launch (rule D4).
public protocol SessionDelegate: AnyObject, Sendable {
    /// The last call of all. The delegate is released, and the identifier is free, when it returns (rule C3).
    func urlSession(_ session: Session, didBecomeInvalidWithError error: BackhaulError?) throws

    /// Everything that the journal held has been delivered (rule W4). Called again after later ends.
    func urlSessionDidFinishEvents(forBackgroundURLSession session: Session) throws

    /// The store was damaged and has been replaced by one with what could be saved (rule D6). The tasks that are
    /// back go on; the app enqueues again what it misses.
    func urlSession(_ session: Session, didRecover recovery: StoreRecovery) throws

    /// The system carried on a transfer that the store knows nothing of: it was cancelled (rule W5).
    func urlSession(_ session: Session, didCancelUnknownTransfer transfer: TransferID) throws
}

/// Is told about the tasks of a session, of whichever type. The names are those of `URLSessionTaskDelegate`.
///
/// ``DownloadTask/snapshot`` of the tasks that are passed in says where the task stood at the call.
public protocol SessionTaskDelegate: SessionDelegate {
    /// A task was created in this process. Not called for the tasks of one call that makes more than 256 of them:
    /// the caller has their handles.
    func urlSession(_ session: Session, didCreateTask task: DownloadTask) throws

    /// A task that could run does not, and why (rule P1).
    func urlSession(_ session: Session, taskIsWaiting task: DownloadTask, for reason: WaitReason) throws

    /// The server points elsewhere: whether to follow. Asked in default and ephemeral sessions only (rule H3);
    /// background sessions follow. After false, or when it throws, the redirect itself is the answer.
    func urlSession(
        _ session: Session,
        task: DownloadTask,
        willPerformHTTPRedirection response: Response,
        newRequest request: Request
    ) throws -> Bool

    /// What the task cost. Part of its end.
    func urlSession(_ session: Session, task: DownloadTask, didFinishCollecting metrics: TaskMetrics) throws

    /// The task ended: with no error after its file was told, else with one. Always the last call about a task
    /// (rule L1).
    func urlSession(_ session: Session, task: DownloadTask, didCompleteWithError error: BackhaulError?) throws
}

/// Is told about downloads. The names are those of `URLSessionDownloadDelegate`.
public protocol SessionDownloadDelegate: SessionTaskDelegate {
    /// The file is at its destination, whole and synced (rule D2). It stays there: nothing has to be moved before
    /// this returns.
    func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didFinishDownloadingTo location: URL
    ) throws

    /// As above, with all that is known of the file. Calls the above unless it is implemented.
    func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didFinishDownloadingTo file: DownloadedFile
    ) throws

    /// Bytes came: at most ten calls a second for each task, and a last exact one (rule E2). An unknown length
    /// is `NSURLSessionTransferSizeUnknown`, which is -1.
    func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didWriteData bytesWritten: Int64,
        totalBytesWritten: Int64,
        totalBytesExpectedToWrite: Int64
    ) throws

    /// The transfer goes on from a byte that an earlier attempt, or process, had reached.
    func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didResumeAtOffset fileOffset: Int64,
        expectedTotalBytes: Int64
    ) throws

    /// The head of the answer is here, and the transfer begins at byte 0.
    func urlSession(_ session: Session, downloadTask: DownloadTask, didReceive response: Response) throws

    /// What was received had to be thrown away, and why (rule R7).
    func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didRestart reason: RestartReason,
        discarded: Int64
    ) throws
}
