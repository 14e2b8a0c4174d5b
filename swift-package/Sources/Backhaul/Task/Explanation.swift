internal import BackhaulGenerated
import Foundation

/// The answer to "why does this task not move?" (rule E1).
public struct Explanation: Sendable, Hashable {
    /// The task; its state holds the reason.
    public let task: TaskInfo
    /// Since when it is in this state.
    public let since: Date
    /// What would end the wait, as a sentence for people; nil when it does not wait.
    public let unblockedBy: String?
    /// The tasks that it comes after and that have not succeeded yet; at most sixteen (rule L6).
    public let after: [Int64]
    /// When it is looked at again at the latest, if a time is known.
    public let nextEvaluation: Date?
    /// Bytes that were received and had to be thrown away (rule R7).
    public let countOfBytesDiscarded: Int64
    /// The last attempts, oldest first; at most eight.
    public let attempts: [Attempt]
    /// How many attempts there were in all.
    public let attemptCount: Int

    /// Why it waits, if it does.
    public var reason: WaitReason? { task.state.waitReason }
}

/// One attempt to move a task's bytes.
public struct Attempt: Sendable, Hashable {
    /// When it began.
    public let began: Date
    /// How long it took.
    public let duration: Duration
    /// Bytes received in it.
    public let countOfBytesReceived: Int64
    /// How it ended, as a sentence.
    public let outcome: String
}

extension Explanation {
    init(_ explanation: BackhaulGenerated.Explanation) {
        task = TaskInfo(explanation.task)
        since = explanation.since
        unblockedBy = explanation.unblockedBy
        after = explanation.after
        nextEvaluation = explanation.nextEvaluation
        countOfBytesDiscarded = Int64(count: explanation.discarded)
        attempts = explanation.attempts.map(Attempt.init)
        attemptCount = Int(explanation.attemptCount)
    }
}

extension Attempt {
    init(_ attempt: BackhaulGenerated.Attempt) {
        began = attempt.began
        duration = Duration(interval: attempt.took)
        countOfBytesReceived = Int64(count: attempt.received)
        outcome = attempt.outcome
    }
}
