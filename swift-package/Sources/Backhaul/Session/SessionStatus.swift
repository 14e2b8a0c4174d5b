internal import BackhaulGenerated
import Foundation

/// What a session does right now.
public struct SessionStatus: Sendable, Hashable {
    /// Tasks whose bytes move or are being made durable.
    public let transferring: Int
    /// Tasks that were resumed and are not completed; transferring ones included.
    public let active: Int
    /// Tasks that wait for `resume()`.
    public let suspended: Int
    /// Ends of tasks that the delegate has not yet acknowledged (rule D4).
    public let undelivered: Int
    /// When the next waiting task is looked at again at the latest.
    public let nextEvaluation: Date?
    /// How many tasks wait for which reason.
    public let waiting: [WaitReason: Int]
    /// The session has ended.
    public let isClosed: Bool
}

extension SessionStatus {
    init(_ status: BackhaulGenerated.SessionStatus) {
        transferring = Int(clamping: status.transferring)
        active = Int(clamping: status.active)
        suspended = Int(clamping: status.suspended)
        undelivered = Int(clamping: status.undelivered)
        nextEvaluation = status.nextEvaluation
        let counts = status.waiting.map { (WaitReason($0.reason), Int(clamping: $0.count)) }
        waiting = Dictionary(counts, uniquingKeysWith: +)
        isClosed = status.closed
    }
}
