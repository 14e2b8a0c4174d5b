internal import BackhaulGenerated
import Foundation

/// The one error type (rule E3): a stable kind, a sentence for people, and what belongs to it.
///
/// Messages hold neither user-info nor query values of a URL.
public struct BackhaulError: Error, Sendable, Hashable {
    /// What went wrong.
    public let kind: Kind
    /// What went wrong and what to do, as a sentence for people.
    public let reason: String
    /// Whether the same request may succeed later without anyone changing it (rule H1).
    public let isRetryable: Bool
    /// With ``Kind/noSpace``: how many bytes the transfer needs on its volume (rule D9).
    public let neededBytes: Int64?
    /// The answer that made a task fail, with at most 64 KiB of its body (rule H5).
    public let response: Response?

    package init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
        isRetryable = false
        neededBytes = nil
        response = nil
    }

    /// The task was cancelled, by the app or by the user who ended the app by force.
    public var isCancelled: Bool {
        kind == .cancelled || kind == .userForceQuit
    }

    /// It took too long: no byte for the request's time-out, or the task's deadline passed.
    public var isTimeout: Bool {
        kind == .requestTimedOut || kind == .resourceTimedOut
    }
}

extension BackhaulError: LocalizedError, CustomStringConvertible {
    public var errorDescription: String? { reason }
    public var description: String { "\(kind.rawValue): \(reason)" }
}

extension BackhaulError {
    init(_ info: BackhaulGenerated.ErrorInfo) {
        kind = Kind(info.kind)
        reason = info.reason
        isRetryable = info.isRetryable
        neededBytes = info.neededBytes.count
        response = info.response.map(Response.init)
    }

    /// What a call of the library threw.
    package init(thrown error: any Error) {
        switch error {
        case BackhaulGenerated.BackhaulError.Failed(let info):
            self.init(info)
        case let error as BackhaulError:
            self = error
        default:
            // A panic that was caught at the boundary: a fault of the library's own.
            self.init(.system, "the call failed inside the library: \(error)")
        }
    }
}
