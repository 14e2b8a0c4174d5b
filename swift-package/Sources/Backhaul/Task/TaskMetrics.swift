internal import BackhaulGenerated

/// What a task cost (rule H8).
public struct TaskMetrics: Sendable, Hashable {
    /// From the request until the head of the answer.
    public let timeToFirstByte: Duration
    /// From the request until the last byte.
    public let duration: Duration
    /// Body bytes that came over the network, in all attempts.
    public let countOfBytesReceived: Int64
    /// Of those, bytes that were thrown away (rule R7).
    public let countOfBytesDiscarded: Int64
    /// Attempts made.
    public let attemptCount: Int
    /// Redirects followed in the last attempt.
    public let redirectCount: Int
    /// `HTTP/1.1` or `HTTP/2.0`.
    public let httpVersion: String
    /// The server's address.
    public let remoteAddress: String?
}

/// Why bytes that were already here were downloaded again (rule R7).
public enum RestartReason: Sendable, Hashable {
    /// Validator or length say that the object is another one now.
    case objectChanged
    /// Neither a strong validator nor a digest can vouch for the bytes to come.
    case noValidator
    /// The server sent the whole object although a range was asked for.
    case rangeIgnored
    /// The server sent another range than the one asked for, or did not say which.
    case rangeMismatch
    /// Bytes sent again differ from those that were here.
    case overlapDiffers
    /// The finished file did not have the expected digest.
    case digestMismatch
}

/// The name of one attempt to move one task's bytes, as the system's transfer service keeps it.
public struct TransferID: Sendable, Hashable {
    /// The task.
    public let task: Int64
    /// Which attempt of it.
    public let attempt: Int
}

extension TaskMetrics {
    init(_ metrics: BackhaulGenerated.TaskMetrics) {
        timeToFirstByte = Duration(interval: metrics.firstByte)
        duration = Duration(interval: metrics.duration)
        countOfBytesReceived = Int64(count: metrics.received)
        countOfBytesDiscarded = Int64(count: metrics.discarded)
        attemptCount = Int(metrics.attempts)
        redirectCount = Int(metrics.redirects)
        httpVersion = metrics.httpVersion
        remoteAddress = metrics.remoteAddress
    }
}

extension RestartReason {
    init(_ reason: BackhaulGenerated.RestartReason) {
        switch reason {
        case .objectChanged: self = .objectChanged
        case .noValidator: self = .noValidator
        case .rangeIgnored: self = .rangeIgnored
        case .rangeMismatch: self = .rangeMismatch
        case .overlapDiffers: self = .overlapDiffers
        case .digestMismatch: self = .digestMismatch
        }
    }
}

extension TransferID {
    init(_ id: BackhaulGenerated.TransferId) {
        task = id.task
        attempt = Int(id.attempt)
    }
}
