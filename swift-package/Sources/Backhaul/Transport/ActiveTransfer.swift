internal import BackhaulGenerated
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// One transfer that the system carries, as far as this process knows it. Used on its host's queue only.
final class ActiveTransfer: @unchecked Sendable {
    let id: TransferId
    let task: any TransferTask
    /// What the core asked for; nil if an earlier process did.
    let order: BackhaulGenerated.Transfer?

    // Bytes.
    /// Where this attempt's bytes begin in the file; nil until that is known.
    var offset: UInt64?
    /// What the resume data that it was started with stood for.
    var resumedFrom: UInt64 = 0
    /// What came over the network in this attempt.
    private(set) var networkBytes: UInt64 = 0
    /// The whole length, if the server said it.
    var total: UInt64?
    var body = Body.unknown
    var hasToldBytes = false
    /// What came was not told yet, because something was a moment ago.
    var hasUntoldBytes = false
    var isQuiet = false

    /// What the bytes are that come.
    enum Body {
        /// Foundation on Linux mostly knows the answer only when the body is over.
        case unknown
        case file
        /// What a server says that gives no file: no progress (rule H5).
        case refusal
    }

    // Its end.
    /// The core wants it to stop.
    var isStopping = false
    /// The system has not said yet what a stopped one can go on from.
    var awaitsResumeData = false
    /// Bytes of the file that the task can go on from, once it has stopped.
    var resumableBytes: UInt64 = 0
    /// The system has said that it is over, with this error or without one.
    var isOver = false
    var error: (any Error)?
    /// Why we ended it ourselves.
    var refusal: TransferFailure?
    var trail: RedirectTrail?
    var received: Received?

    /// A body that came.
    enum Received {
        /// Kept until its end is on record.
        case kept(StagedTransfer)
        /// The body of a refusal: what the server said, for the error.
        case passing(URL, length: UInt64)
        case lost(any Error)
    }

    // What it cost.
    private let began = ContinuousClock.now
    private var firstByte: TimeInterval?
    var collected: CollectedMetrics?

    init(_ id: TransferId, _ task: any TransferTask, order: BackhaulGenerated.Transfer?) {
        self.id = id
        self.task = task
        self.order = order
    }

    /// Bytes of the file that are here.
    var here: UInt64 { (offset ?? 0) + networkBytes }

    /// `totalBytesWritten` only says where a transfer of an earlier process stands: on Linux it may run ahead.
    func add(_ bytes: Int64, totalWritten: Int64, totalExpected: Int64) {
        if offset == nil {
            offset = order == nil ? UInt64(clamping: totalWritten - bytes) : 0
        }
        if firstByte == nil { firstByte = elapsed }
        networkBytes += UInt64(clamping: bytes)
        total = totalExpected > 0 ? UInt64(totalExpected) : nil
    }

    var metrics: BackhaulGenerated.TaskMetrics {
        BackhaulGenerated.TaskMetrics(
            firstByte: collected?.firstByte ?? firstByte ?? 0,
            duration: collected?.duration ?? elapsed,
            received: networkBytes,
            discarded: 0,
            attempts: 1,
            redirects: UInt32(clamping: collected?.redirects ?? trail?.count ?? 0),
            httpVersion: collected?.httpVersion ?? "",
            remoteAddress: collected?.remoteAddress
        )
    }

    private var elapsed: TimeInterval { (ContinuousClock.now - began).interval }
}

/// What the system measured. Not on Linux.
struct CollectedMetrics: Equatable {
    var firstByte: TimeInterval?
    var duration: TimeInterval
    var redirects: Int
    var httpVersion: String?
    var remoteAddress: String?
}

#if canImport(Darwin)
    extension CollectedMetrics {
        init(_ metrics: URLSessionTaskMetrics) {
            let last = metrics.transactionMetrics.last
            if let began = last?.requestStartDate, let answered = last?.responseStartDate {
                firstByte = answered.timeIntervalSince(began)
            }
            duration = metrics.taskInterval.duration
            redirects = metrics.redirectCount
            httpVersion = last?.networkProtocolName.map(Self.version(of:))
            remoteAddress = last?.remoteAddress
        }
    }
#endif

extension CollectedMetrics {
    /// A protocol's name in TLS as the version of HTTP that it is.
    static func version(of protocolName: String) -> String {
        switch protocolName {
        case "h2": "HTTP/2.0"
        case "h3": "HTTP/3.0"
        case let name where name.lowercased().hasPrefix("http/"): name.uppercased()
        default: protocolName
        }
    }
}
