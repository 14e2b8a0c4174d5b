import Backhaul
import Foundation

/// A task as one row of the list.
public struct TaskRow: Sendable, Hashable, Identifiable {
    /// What the row's symbol shows.
    public enum Phase: Sendable, Hashable {
        case waiting
        case moving
        case done
        case failed
    }

    /// The task's identifier.
    public let id: Int64
    public let title: String
    public let phase: Phase
    /// How it stands, or why it waits: one short sentence.
    public let status: String
    /// From 0 to 1, while some of it is here and the length is known.
    public let fraction: Double?

    init(_ task: TaskInfo) {
        let note = task.note
        id = task.id
        title = note?.download.title ?? task.url?.lastPathComponent ?? "Download"
        (phase, status) = TaskRow.standing(of: task, problem: note?.problem)
        fraction = task.state == .completed ? nil : task.fraction
    }

    private static func standing(of task: TaskInfo, problem: String?) -> (Phase, String) {
        switch task.state {
        case .suspended: (.waiting, WaitReason.suspended.sentence)
        case .waiting(let reason): (.waiting, reason.sentence)
        case .transferring: (.moving, "Downloading.")
        case .canceling: (.moving, "Stops.")
        case .completed:
            if let sentence = task.error?.reason ?? problem { (.failed, sentence) } else { (.done, "Here.") }
        }
    }
}

extension TaskInfo {
    fileprivate var fraction: Double? {
        guard let total = countOfBytesExpectedToReceive, total > 0, countOfBytesReceived > 0 else { return nil }
        return min(1, Double(countOfBytesReceived) / Double(total))
    }
}
