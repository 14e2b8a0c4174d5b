internal import BackhaulGenerated
import Foundation

/// What an evaluator says of a server's certificates (rule T6).
public enum TrustVerdict: Sendable, Hashable {
    /// The platform's store decides, with the session's root certificates.
    case performDefaultHandling
    /// The evaluator itself has verified the chain.
    case trusted
    /// No, and nothing overrules it; the text goes into the error's message.
    case refused(String)
}

/// Judges the certificates of servers, before or in place of the platform (rule T6).
public protocol TrustEvaluator: Sendable {
    /// Judges `chain`, DER certificates with the server's own first, for the server called `host`.
    ///
    /// Called in each handshake, on the thread that carries the transfers: within milliseconds, and without
    /// calling a session. One that throws refuses.
    func evaluate(host: String, chain: [Data]) throws -> TrustVerdict
}

/// The app's evaluator as the library's.
final class TrustEvaluatorAdapter: BackhaulGenerated.TrustEvaluator {
    private let evaluator: any TrustEvaluator

    init(_ evaluator: any TrustEvaluator) {
        self.evaluator = evaluator
    }

    func evaluate(host: String, chain: [Data]) throws -> BackhaulGenerated.TrustVerdict {
        let verdict = try reporting { try evaluator.evaluate(host: host, chain: chain) }
        return switch verdict {
        case .performDefaultHandling: .performDefaultHandling
        case .trusted: .trusted
        case .refused(let reason): .refused(reason: reason)
        }
    }
}
