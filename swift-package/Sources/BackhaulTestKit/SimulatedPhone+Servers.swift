import Foundation

// What lies on the servers, and what they do wrong.
extension SimulatedPhone {
    /// What a server says to tell versions of an object apart (rule R1).
    public enum Validator: Sendable, Hashable, CaseIterable {
        /// A strong `ETag`.
        case strong
        /// A weak `ETag`.
        case weak
        /// Only the time of the last change.
        case lastModified
        /// Nothing.
        case none
        /// A strong `ETag` that is another one in every answer, for the same bytes.
        case fickle
    }

    /// What a server does with a `Range` (rule R2).
    public enum RangeSupport: Sendable, Hashable, CaseIterable {
        /// It sends what was asked for, and checks `If-Range`.
        case honoured
        /// It always sends everything.
        case ignored
        /// It sends everything as soon as there is an `If-Range`.
        case notIfRange
        /// It sends what was asked for, whatever `If-Range` says.
        case unchecked
    }

    /// What a server does wrong.
    public enum ServerFault: Sendable, Hashable {
        /// Nothing: it is well again.
        case none
        /// It does not answer.
        case down
        /// It answers with this status, 300 to 599, and perhaps says when to come back.
        case status(Int, retryAfter: Duration? = nil)
        /// It answers every range with 416.
        case unsatisfiable
        /// Its 206 begins so many bytes before what was asked for.
        case early(bytes: Int64)
        /// Its 206 begins so many bytes behind what was asked for.
        case late(bytes: Int64)
        /// Its 206 has no `Content-Range`.
        case noContentRange
        /// The body ends after so many bytes, in good order.
        case ends(afterBytes: Int64)
        /// The connection breaks after so many bytes.
        case breaks(afterBytes: Int64)
        /// Nothing more comes after so many bytes, and nothing breaks.
        case stalls(afterBytes: Int64)
    }

    /// Puts an object on its server. A later one at the same URL is its next version, of that size and other bytes.
    ///
    /// - Throws: `BackhaulError/Kind/invalidRequest` for a URL that is not absolute, or of another scheme than http
    ///   and https.
    public func serve(
        _ url: URL,
        size: Int64,
        validator: Validator = .strong,
        ranges: RangeSupport = .honoured,
        sendsDigest: Bool = false
    ) throws(BackhaulError) {
        let object = Core.SimulatedObject(
            url: url.absoluteString,
            size: UInt64(clamping: size),
            validator: validator.generated,
            ranges: ranges.generated,
            sendsDigest: sendsDigest
        )
        try bridged { try core.serve(object: object) }
    }

    /// The server behaves like this from now on, or for so many requests.
    ///
    /// - Throws: `BackhaulError/Kind/invalidRequest` for a status that is no fault.
    public func setServer(
        _ host: String,
        _ fault: ServerFault,
        times: Int? = nil
    ) throws(BackhaulError) {
        let times = times.map { UInt32(clamping: $0) }
        try bridged { try core.setServer(host: host, fault: fault.generated, times: times) }
    }
}

extension SimulatedPhone.Validator {
    fileprivate var generated: Core.SimulatedValidator {
        switch self {
        case .strong: .strong
        case .weak: .weak
        case .lastModified: .lastModified
        case .none: .none
        case .fickle: .fickle
        }
    }
}

extension SimulatedPhone.RangeSupport {
    fileprivate var generated: Core.SimulatedRanges {
        switch self {
        case .honoured: .honoured
        case .ignored: .ignored
        case .notIfRange: .notIfRange
        case .unchecked: .unchecked
        }
    }
}

extension SimulatedPhone.ServerFault {
    fileprivate var generated: Core.ServerFault {
        switch self {
        case .none: .none
        case .down: .down
        case .status(let code, let retryAfter):
            .status(code: UInt16(clamping: code), retryAfter: retryAfter?.interval)
        case .unsatisfiable: .unsatisfiable
        case .early(let bytes): .early(bytes: UInt64(clamping: bytes))
        case .late(let bytes): .late(bytes: UInt64(clamping: bytes))
        case .noContentRange: .noContentRange
        case .ends(let bytes): .endsAfter(bytes: UInt64(clamping: bytes))
        case .breaks(let bytes): .breaksAfter(bytes: UInt64(clamping: bytes))
        case .stalls(let bytes): .stallsAfter(bytes: UInt64(clamping: bytes))
        }
    }
}
