package import BackhaulGenerated
import Foundation

/// The life of a task (section L of the contract).
public enum TaskState: Sendable, Hashable {
    /// Not started, or paused.
    case suspended
    /// Running: bytes move, or are being made durable.
    case transferring
    /// Running, but held back.
    case waiting(WaitReason)
    /// Cancelled, and not yet wound down.
    case canceling
    /// Ended: finished, failed or cancelled.
    case completed

    /// Why it does not move, if it does not and has not ended.
    public var waitReason: WaitReason? {
        switch self {
        case .suspended: .suspended
        case .waiting(let reason): reason
        case .transferring, .canceling, .completed: nil
        }
    }
}

/// What an app sees of a task: a copy, taken at one moment.
public struct TaskInfo: Sendable, Hashable, Identifiable {
    /// Its number, unique in the container.
    public let id: Int64
    /// The app's own name for it.
    public let callerID: String?
    /// The app's free text (rule L3).
    public let metadata: String?
    /// The app's tag for several tasks.
    public let group: String?
    /// What it fetches; nil if Foundation cannot read it.
    public let url: URL?
    /// Where the file will lie.
    public let destination: Destination
    /// Where it stands.
    public let state: TaskState
    /// 0.0 to 1.0.
    public let priority: Float
    /// Bytes in the part file or the finished file.
    public let countOfBytesReceived: Int64
    /// The whole length, once known.
    public let countOfBytesExpectedToReceive: Int64?
    /// When it fails for taking too long; nil until it is resumed.
    public let deadline: Date?
    /// Why it ended without a file, once it has; or what the last attempt died of.
    public let error: BackhaulError?
    /// In the calls about a task's end: that event's number among the task's, the same when it is delivered
    /// again (rule D4).
    public let sequence: Int64?

    /// Decodes the metadata that ``Request/encodeMetadata(_:)`` encoded; nil without any.
    ///
    /// - Throws: `DecodingError` when it is something else.
    public func metadata<Value: Decodable>(as type: Value.Type) throws -> Value? {
        guard let metadata else { return nil }
        return try JSONDecoder().decode(type, from: Data(metadata.utf8))
    }
}

extension TaskState {
    package init(_ state: BackhaulGenerated.TaskState) {
        switch state {
        case .suspended: self = .suspended
        case .transferring: self = .transferring
        case .waiting(let reason): self = .waiting(WaitReason(reason))
        case .canceling: self = .canceling
        case .completed: self = .completed
        }
    }
}

extension TaskInfo {
    init(_ task: BackhaulGenerated.TaskInfo) {
        id = task.id
        callerID = task.callerId
        metadata = task.metadata
        group = task.group
        url = URL(string: task.url)
        destination = Destination(task.destination)
        state = TaskState(task.state)
        priority = task.priority
        countOfBytesReceived = Int64(count: task.received)
        countOfBytesExpectedToReceive = task.total.count
        deadline = task.deadline
        error = task.error.map(BackhaulError.init)
        sequence = task.sequence
    }
}
