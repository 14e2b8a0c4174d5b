internal import BackhaulGenerated
import Foundation

/// Makes every call of the app's delegate: the library's delegate, which hands on to the app's, to readers of
/// events, and to those who wait for a task.
///
/// It holds the delegate until the session is invalid, and the session weakly: whoever lets go of a session and
/// all its tasks ends it.
final class DelegateAdapter: Sendable {
    let hub = EventHub()
    private let delegate: Guarded<(any SessionDelegate)?>
    private let session = SessionReference()

    init(_ delegate: (any SessionDelegate)?) {
        self.delegate = Guarded(delegate)
    }

    /// Calls wait for this: they can come before whoever makes the session has it in hand.
    func bind(_ session: Session) {
        self.session.bind(session)
    }

    /// The session finishes by itself, whoever lets go of it: its last calls need it.
    func keepUntilInvalid(_ session: Session) {
        self.session.keep(session)
    }

    /// Calls the app, then tells the readers, whether the app threw or not.
    private func tell<Delegate>(
        _ type: Delegate.Type,
        _ event: SessionEvent,
        _ call: (Delegate, Session) throws -> Void
    ) throws {
        defer { hub.publish(event) }
        let session = try session.wait()
        guard let delegate = delegate.withLock({ $0 }) as? Delegate else { return }
        try reporting { try call(delegate, session) }
    }

    /// As above, about a task.
    private func tell<Delegate>(
        _ type: Delegate.Type,
        _ task: TaskInfo,
        _ event: SessionEvent,
        _ call: (Delegate, Session, DownloadTask) throws -> Void
    ) throws {
        try tell(type, event) { delegate, session in
            try call(delegate, session, DownloadTask(snapshot: task, session: session))
        }
    }

    /// As above, about a task's end. After one that throws the others do not come: nobody must wait for them.
    private func tellEnd<Delegate>(
        _ type: Delegate.Type,
        _ task: TaskInfo,
        _ event: SessionEvent,
        _ call: (Delegate, Session, DownloadTask) throws -> Void
    ) throws {
        do {
            try tell(type, task, event, call)
        } catch {
            hub.abandon(task.id)
            throw error
        }
    }
}

// What the app's delegate may be.
private typealias SessionLevel = any SessionDelegate
private typealias TaskLevel = any SessionTaskDelegate
private typealias DownloadLevel = any SessionDownloadDelegate

extension DelegateAdapter: BackhaulGenerated.SessionDelegate {
    func didCreateTask(task: BackhaulGenerated.TaskInfo) throws {
        let info = TaskInfo(task)
        try tell(TaskLevel.self, info, .created(info)) { delegate, session, task in
            try delegate.urlSession(session, didCreateTask: task)
        }
    }

    func taskIsWaiting(task: BackhaulGenerated.TaskInfo, reason: BackhaulGenerated.WaitReason) throws {
        let (info, reason) = (TaskInfo(task), WaitReason(reason))
        try tell(TaskLevel.self, info, .waiting(info, reason)) { delegate, session, task in
            try delegate.urlSession(session, taskIsWaiting: task, for: reason)
        }
    }

    /// A question, not news: readers are not asked.
    func willPerformRedirection(
        task: BackhaulGenerated.TaskInfo,
        response: BackhaulGenerated.Response,
        url: String
    ) throws -> Bool {
        let session = try session.wait()
        guard let delegate = delegate.withLock({ $0 }) as? TaskLevel else { return true }
        guard let url = URL(string: url) else {
            throw BackhaulGenerated.CallbackError.Failed(reason: "the redirect's URL is not one that Foundation reads")
        }
        return try reporting {
            try delegate.urlSession(
                session,
                task: DownloadTask(snapshot: TaskInfo(task), session: session),
                willPerformHTTPRedirection: Response(response),
                newRequest: Request(url: url)
            )
        }
    }

    func didResumeAtOffset(task: BackhaulGenerated.TaskInfo, offset: UInt64, total: UInt64?) throws {
        let (info, offset) = (TaskInfo(task), Int64(count: offset))
        let event = SessionEvent.resumed(info, offset: offset, total: total.count)
        try tell(DownloadLevel.self, info, event) { delegate, session, task in
            try delegate.urlSession(
                session,
                downloadTask: task,
                didResumeAtOffset: offset,
                expectedTotalBytes: total.count ?? unknownLength
            )
        }
    }

    func didReceiveResponse(
        task: BackhaulGenerated.TaskInfo,
        response: BackhaulGenerated.Response
    ) throws {
        let (info, response) = (TaskInfo(task), Response(response))
        try tell(DownloadLevel.self, info, .responded(info, response)) { delegate, session, task in
            try delegate.urlSession(session, downloadTask: task, didReceive: response)
        }
    }

    func didRestart(
        task: BackhaulGenerated.TaskInfo,
        reason: BackhaulGenerated.RestartReason,
        discarded: UInt64
    ) throws {
        let (info, reason, discarded) = (TaskInfo(task), RestartReason(reason), Int64(count: discarded))
        let event = SessionEvent.restarted(info, reason, discarded: discarded)
        try tell(DownloadLevel.self, info, event) { delegate, session, task in
            try delegate.urlSession(session, downloadTask: task, didRestart: reason, discarded: discarded)
        }
    }

    func didWriteData(task: BackhaulGenerated.TaskInfo, progress: BackhaulGenerated.Progress) throws {
        let (info, progress) = (TaskInfo(task), DownloadTask.Progress(progress))
        try tell(DownloadLevel.self, info, .progressed(info, progress)) { delegate, session, task in
            try delegate.urlSession(
                session,
                downloadTask: task,
                didWriteData: progress.countOfBytesWritten,
                totalBytesWritten: progress.countOfBytesReceived,
                totalBytesExpectedToWrite: progress.countOfBytesExpectedToReceive ?? unknownLength
            )
        }
    }

    func didFinishCollectingMetrics(
        task: BackhaulGenerated.TaskInfo,
        metrics: BackhaulGenerated.TaskMetrics
    ) throws {
        let (info, metrics) = (TaskInfo(task), TaskMetrics(metrics))
        try tellEnd(TaskLevel.self, info, .collectedMetrics(info, metrics)) { delegate, session, task in
            try delegate.urlSession(session, task: task, didFinishCollecting: metrics)
        }
    }

    func didFinishDownloadingTo(
        task: BackhaulGenerated.TaskInfo,
        file: BackhaulGenerated.DownloadedFile
    ) throws {
        let (info, file) = (TaskInfo(task), DownloadedFile(file))
        try tellEnd(DownloadLevel.self, info, .finished(info, file)) { delegate, session, task in
            try delegate.urlSession(session, downloadTask: task, didFinishDownloadingTo: file)
        }
    }

    func didComplete(task: BackhaulGenerated.TaskInfo, error: BackhaulGenerated.ErrorInfo?) throws {
        let (info, error) = (TaskInfo(task), error.map(BackhaulError.init))
        try tellEnd(TaskLevel.self, info, .completed(info, error)) { delegate, session, task in
            try delegate.urlSession(session, task: task, didCompleteWithError: error)
        }
    }

    func didFinishEventsForBackgroundSession() throws {
        try tell(SessionLevel.self, .finishedEvents) { delegate, session in
            try delegate.urlSessionDidFinishEvents(forBackgroundURLSession: session)
        }
    }

    func didCancelUnknownTransfer(transfer: BackhaulGenerated.TransferId) throws {
        let transfer = TransferID(transfer)
        try tell(SessionLevel.self, .cancelledUnknownTransfer(transfer)) { delegate, session in
            try delegate.urlSession(session, didCancelUnknownTransfer: transfer)
        }
    }

    func didRecoverStore(recovery: BackhaulGenerated.StoreRecovery) throws {
        let recovery = StoreRecovery(recovery)
        try tell(SessionLevel.self, .recovered(recovery)) { delegate, session in
            try delegate.urlSession(session, didRecover: recovery)
        }
    }

    func didBecomeInvalid(error: BackhaulGenerated.ErrorInfo?) throws {
        defer {
            delegate.withLock { $0 = nil }
            session.letGo()
        }
        let error = error.map(BackhaulError.init)
        try tell(SessionLevel.self, .becameInvalid(error)) { delegate, session in
            try delegate.urlSession(session, didBecomeInvalidWithError: error)
        }
    }
}

/// What Foundation's delegates are told for a length that is not known.
private let unknownLength: Int64 = -1
