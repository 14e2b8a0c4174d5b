import BackhaulGenerated
import BackhaulTestSupport

/// Hears what a transport tells the core.
final class Ear: TransferEventsProtocol {
    /// What and of which transfer, but for progress.
    let heard = Watched<[String]>([])

    private func hear(_ what: String, _ id: TransferId) {
        heard.change { $0.append("\(what) \(transferIdText(id: id))") }
    }

    func failed(
        id: TransferId, kind: ErrorKind, reason: String, retryAfter: Double?, metrics: TaskMetrics, received: UInt64
    ) {
        hear("failed", id)
    }

    func finished(id: TransferId, file: String, len: UInt64, response: Response, metrics: TaskMetrics) {
        hear("finished", id)
    }

    func listed(transfers: [TransferId]) {
        heard.change { $0.append("listed \(transfers.map(transferIdText).sorted())".filter { $0 != "\"" }) }
    }

    func progressed(id: TransferId, received: UInt64, total: UInt64?, networkBytes: UInt64) {}

    func redirecting(id: TransferId, response: Response, url: String, answer: any RedirectAnswer) {
        hear("redirecting", id)
    }

    func responded(id: TransferId, response: Response, offset: UInt64, total: UInt64?) {
        hear("responded", id)
    }

    func restarted(id: TransferId, reason: RestartReason, discarded: UInt64) {
        hear("restarted", id)
    }

    func stopped(id: TransferId, metrics: TaskMetrics, received: UInt64) {
        hear("stopped", id)
    }
}

extension Transfer {
    /// A small file that must not come over mobile networks.
    static func get(_ id: TransferId, fields: [String: String] = [:]) -> Transfer {
        Transfer(
            id: id,
            url: "https://example.com/a",
            headers: fields.map { HeaderField(name: $0.key, value: $0.value) },
            secretHeaders: [],
            expectedSize: 4,
            expectedDigest: nil,
            timeoutForRequest: 60,
            statusPolicy: .successOnly,
            resumePolicy: .strict,
            asksAboutRedirects: false,
            isDiscretionary: false,
            allowsCellular: false,
            allowsExpensive: true,
            allowsConstrained: true,
            destination: "/nowhere"
        )
    }
}
