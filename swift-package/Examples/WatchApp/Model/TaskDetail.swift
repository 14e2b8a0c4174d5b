import Backhaul
import Foundation

/// The answer to "why does this one not move?", for one screen (rule E1).
public struct TaskDetail: Sendable, Hashable {
    public let row: TaskRow
    /// Since when it stands so.
    public let since: Date
    /// What would end the wait.
    public let unblockedBy: String?
    /// When it is looked at again at the latest.
    public let nextEvaluation: Date?
    /// When it is given up.
    public let deadline: Date?
    /// Bytes that had to be thrown away, as when the file changed on the server.
    public let discarded: Int64
    /// The last attempts, newest first.
    public let attempts: [Attempt]

    /// One attempt. Two of one task do not begin together.
    public struct Attempt: Sendable, Hashable, Identifiable {
        public let began: Date
        public let outcome: String

        public var id: Date { began }
    }

    init(_ explanation: Explanation) {
        row = TaskRow(explanation.task)
        since = explanation.since
        unblockedBy = explanation.unblockedBy
        nextEvaluation = explanation.nextEvaluation
        deadline = explanation.task.state == .completed ? nil : explanation.task.deadline
        discarded = explanation.countOfBytesDiscarded
        attempts = explanation.attempts.reversed().map { Attempt(began: $0.began, outcome: $0.outcome) }
    }
}
