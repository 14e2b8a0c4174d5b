internal import BackhaulGenerated
import Foundation

/// The end of a task, as the journal has it (rule D4).
public struct JournalEvent: Sendable, Hashable {
    /// Its place in the container's journal.
    public let sequence: Int64
    /// The task.
    public let taskIdentifier: Int64
    /// Its place among the task's events.
    public let taskSequence: Int64
    /// When it was written.
    public let written: Date
    /// Whether the delegate was told, and returned.
    public let isAcknowledged: Bool
    /// Why the task ended without a file, if it did.
    public let error: BackhaulError?
    /// The finished file's length.
    public let length: Int64?
}

extension JournalEvent {
    init(_ event: BackhaulGenerated.JournalEvent) {
        sequence = event.sequence
        taskIdentifier = event.task
        taskSequence = event.taskSequence
        written = event.written
        isAcknowledged = event.acknowledged
        error = event.error.map(BackhaulError.init)
        length = event.len.count
    }
}
