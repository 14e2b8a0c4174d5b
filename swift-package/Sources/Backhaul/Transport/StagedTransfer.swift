internal import BackhaulGenerated
import Foundation

/// What is known of a received file, beside it on disk.
struct StagedTransfer: Codable, Equatable {
    struct Field: Codable, Equatable {
        var name: String
        var value: String
    }

    /// What was asked for.
    var requestURL: String
    var length: UInt64

    // The answer.
    var url: String
    var status: UInt16
    var httpVersion: String
    var fields: [Field]

    // What it cost, as far as it is known when the file comes.
    var firstByte: TimeInterval
    var duration: TimeInterval
    var received: UInt64
    var redirects: UInt32
    var remoteAddress: String?

    init(
        requestURL: String,
        length: UInt64,
        response: BackhaulGenerated.Response,
        metrics: BackhaulGenerated.TaskMetrics
    ) {
        self.requestURL = requestURL
        self.length = length
        url = response.url
        status = response.status
        httpVersion = response.httpVersion
        fields = response.headers.map { Field(name: $0.name, value: $0.value) }
        firstByte = metrics.firstByte
        duration = metrics.duration
        received = metrics.received
        redirects = metrics.redirects
        remoteAddress = metrics.remoteAddress
    }

    /// With what the system measured, which it says after the file has come.
    func completed(by metrics: BackhaulGenerated.TaskMetrics) -> StagedTransfer {
        var record = self
        record.firstByte = metrics.firstByte
        record.duration = metrics.duration
        record.received = metrics.received
        record.redirects = metrics.redirects
        record.httpVersion = metrics.httpVersion
        record.remoteAddress = metrics.remoteAddress
        return record
    }

    var response: BackhaulGenerated.Response {
        BackhaulGenerated.Response(
            url: url,
            status: status,
            httpVersion: httpVersion,
            headers: fields.map { HeaderField(name: $0.name, value: $0.value) },
            body: Data(),
            suggestedFilename: nil
        )
    }

    var metrics: BackhaulGenerated.TaskMetrics {
        BackhaulGenerated.TaskMetrics(
            firstByte: firstByte,
            duration: duration,
            received: received,
            discarded: 0,
            attempts: 1,
            redirects: redirects,
            httpVersion: httpVersion,
            remoteAddress: remoteAddress
        )
    }
}
