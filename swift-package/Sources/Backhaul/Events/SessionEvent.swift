/// Something that happened in a session, as its delegate is told it (rule L1).
public enum SessionEvent: Sendable, Hashable {
    /// A task was created in this process.
    case created(TaskInfo)
    /// A task that could run does not, and why.
    case waiting(TaskInfo, WaitReason)
    /// The head of the answer is here, and the transfer begins at byte 0.
    case responded(TaskInfo, Response)
    /// The transfer goes on from a byte that was reached before.
    case resumed(TaskInfo, offset: Int64, total: Int64?)
    /// What was received had to be thrown away.
    case restarted(TaskInfo, RestartReason, discarded: Int64)
    /// Bytes came (rule E2).
    case progressed(TaskInfo, DownloadTask.Progress)
    /// What a task cost.
    case collectedMetrics(TaskInfo, TaskMetrics)
    /// A file is at its destination, whole and synced (rule D2).
    case finished(TaskInfo, DownloadedFile)
    /// A task ended: with no error after its file, else with one.
    case completed(TaskInfo, BackhaulError?)
    /// Everything that the journal held has been delivered.
    case finishedEvents
    /// The store was damaged and has been replaced (rule D6).
    case recovered(StoreRecovery)
    /// The system carried on a transfer that the store knows nothing of: it was cancelled (rule W5).
    case cancelledUnknownTransfer(TransferID)
    /// The session ended. The last event.
    case becameInvalid(BackhaulError?)
    /// So many events did not fit in the buffer here: this reader is too slow. Ends of tasks among them are in
    /// ``Session/journal(after:limit:)``.
    case missed(Int)
}

extension SessionEvent {
    /// The task that it is about; nil for what is about the session.
    public var task: TaskInfo? {
        switch self {
        case .created(let task), .waiting(let task, _), .responded(let task, _), .resumed(let task, _, _),
            .restarted(let task, _, _), .progressed(let task, _), .collectedMetrics(let task, _),
            .finished(let task, _), .completed(let task, _):
            task
        case .finishedEvents, .recovered, .cancelledUnknownTransfer, .becameInvalid, .missed:
            nil
        }
    }

    /// Newer progress of the same task stands for both.
    static func merged(_ last: SessionEvent, _ next: SessionEvent) -> SessionEvent? {
        guard case .progressed(let old, let progress) = last,
            case .progressed(let task, let newer) = next,
            old.id == task.id
        else { return nil }
        return .progressed(task, progress.merged(with: newer))
    }
}
