import Backhaul
import Foundation

/// A delegate that writes down what it is told, and where.
public final class Recorder: SessionDownloadDelegate {
    /// One call.
    public struct Call: Sendable {
        /// What it told, as a reader of events sees it.
        public let event: SessionEvent
        /// Which operating-system thread it came on.
        public let thread: ObjectIdentifier
        public let isOnMainThread: Bool
        /// On a clock that does not jump.
        public let time: ContinuousClock.Instant
    }

    private let made = Watched<[Call]>([])
    private let hook: @Sendable (Session, SessionEvent) throws -> Void
    private let followsRedirects: Bool

    /// `hook` runs in every call, after it was written down.
    public init(
        followsRedirects: Bool = true,
        hook: @escaping @Sendable (Session, SessionEvent) throws -> Void = { _, _ in }
    ) {
        self.followsRedirects = followsRedirects
        self.hook = hook
    }

    public var calls: [Call] { made.current }
    public var events: [SessionEvent] { calls.map(\.event) }

    /// The calls about one task, by name.
    public func order(of task: Int64) -> [String] {
        events.filter { $0.task?.id == task }.map(\.name)
    }

    /// The calls once `isSeen` says yes of their events.
    @discardableResult
    public func wait(
        for what: String,
        until isSeen: @escaping @Sendable ([SessionEvent]) -> Bool
    ) async throws -> [SessionEvent] {
        try await made.wait(for: what) { isSeen($0.map(\.event)) }.map(\.event)
    }

    /// How a task ended, once it has.
    public func end(of task: DownloadTask) async throws -> BackhaulError? {
        let id = task.taskIdentifier
        let events = try await wait(for: "the end of task \(id)") { events in
            events.contains { $0.name == "completed" && $0.task?.id == id }
        }
        for case .completed(let info, let error) in events where info.id == id { return error }
        return nil
    }

    /// Waits for the last call of all.
    public func invalid() async throws {
        try await wait(for: "the session to become invalid") { $0.last?.name == "becameInvalid" }
    }

    private func note(_ session: Session, _ event: SessionEvent) throws {
        let call = Call(
            event: event,
            thread: ObjectIdentifier(Thread.current),
            isOnMainThread: Thread.isMainThread,
            time: ContinuousClock.now
        )
        made.change { $0.append(call) }
        try hook(session, event)
    }
}

extension Recorder {
    public func urlSession(_ session: Session, didBecomeInvalidWithError error: BackhaulError?) throws {
        try note(session, .becameInvalid(error))
    }

    public func urlSessionDidFinishEvents(forBackgroundURLSession session: Session) throws {
        try note(session, .finishedEvents)
    }

    public func urlSession(_ session: Session, didRecover recovery: StoreRecovery) throws {
        try note(session, .recovered(recovery))
    }

    public func urlSession(_ session: Session, didCancelUnknownTransfer transfer: TransferID) throws {
        try note(session, .cancelledUnknownTransfer(transfer))
    }

    public func urlSession(_ session: Session, didCreateTask task: DownloadTask) throws {
        try note(session, .created(task.snapshot!))
    }

    public func urlSession(_ session: Session, taskIsWaiting task: DownloadTask, for reason: WaitReason) throws {
        try note(session, .waiting(task.snapshot!, reason))
    }

    public func urlSession(
        _ session: Session,
        task: DownloadTask,
        willPerformHTTPRedirection response: Response,
        newRequest request: Request
    ) throws -> Bool {
        followsRedirects
    }

    public func urlSession(_ session: Session, task: DownloadTask, didFinishCollecting metrics: TaskMetrics) throws {
        try note(session, .collectedMetrics(task.snapshot!, metrics))
    }

    public func urlSession(
        _ session: Session,
        task: DownloadTask,
        didCompleteWithError error: BackhaulError?
    ) throws {
        try note(session, .completed(task.snapshot!, error))
    }

    /// Only called if the one below is not.
    public func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didFinishDownloadingTo location: URL
    ) throws {
        throw TestFailure("the call with the whole file was expected")
    }

    public func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didFinishDownloadingTo file: DownloadedFile
    ) throws {
        try note(session, .finished(downloadTask.snapshot!, file))
    }

    public func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didWriteData bytesWritten: Int64,
        totalBytesWritten: Int64,
        totalBytesExpectedToWrite: Int64
    ) throws {
        let progress = DownloadTask.Progress(
            written: bytesWritten,
            received: totalBytesWritten,
            total: totalBytesExpectedToWrite < 0 ? nil : totalBytesExpectedToWrite,
            throughput: 0
        )
        try note(session, .progressed(downloadTask.snapshot!, progress))
    }

    public func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didResumeAtOffset fileOffset: Int64,
        expectedTotalBytes: Int64
    ) throws {
        let total = expectedTotalBytes < 0 ? nil : expectedTotalBytes
        try note(session, .resumed(downloadTask.snapshot!, offset: fileOffset, total: total))
    }

    public func urlSession(_ session: Session, downloadTask: DownloadTask, didReceive response: Response) throws {
        try note(session, .responded(downloadTask.snapshot!, response))
    }

    public func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didRestart reason: RestartReason,
        discarded: Int64
    ) throws {
        try note(session, .restarted(downloadTask.snapshot!, reason, discarded: discarded))
    }
}
