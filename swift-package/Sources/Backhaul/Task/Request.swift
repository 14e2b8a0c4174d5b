internal import BackhaulGenerated
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// One file to fetch, and how. Checked when a task is made of it.
///
/// ```swift
/// var request = Request(url: URL(string: "https://example.com/alps.mbtiles")!)
/// request.destination = .container("maps/alps.mbtiles")
/// request.callerID = "alps"
/// ```
public struct Request: Sendable, Hashable {
    /// The digest that the finished file must have (rule H6), in hex digits of either case.
    public enum Digest: Sendable, Hashable {
        /// SHA-256.
        case sha256(String)
        /// SHA-512.
        case sha512(String)
    }

    /// What to fetch: an absolute http or https URL.
    public var url: URL
    /// Where the finished file goes; without it the URL's last path component in the container. A file that is
    /// there is replaced, atomically, when the new one is complete.
    public var destination: Destination?
    /// The app's own name for the task: the same name again gives back the first task (rule L5).
    public var callerID: String?
    /// Free text that comes back with every call about the task (rule L3).
    public var metadata: String?
    /// A tag shared by tasks that belong together (rule L3).
    public var group: String?
    /// From 0.0, last, to 1.0, first; 0.5 unless given.
    public var priority: Float?
    /// Header fields in their order.
    public private(set) var headers: [Response.HeaderField] = []
    /// The transfer does not begin before this time.
    public var earliestBeginDate: Date?
    /// How many bytes the app thinks will come; a hint for scheduling, never a check.
    public var countOfBytesClientExpectsToReceive: Int64?
    /// How many bytes the app thinks will go; a hint for scheduling, never a check.
    public var countOfBytesClientExpectsToSend: Int64?
    /// The file's exact length: anything else is ``BackhaulError/Kind/sizeMismatch`` (rules R8, T5).
    public var expectedSize: Int64?
    /// The file's digest, verified over the whole file before it is put in place (rule H6).
    public var expectedDigest: Digest?
    /// Whether a mobile network may be used. The session's `false` wins.
    public var allowsCellularAccess: Bool?
    /// Whether a network that costs money may be used. The session's `false` wins.
    public var allowsExpensiveNetworkAccess: Bool?
    /// Whether a network in Low Data Mode may be used. The session's `false` wins.
    public var allowsConstrainedNetworkAccess: Bool?
    /// Whether the system may choose the time (rule P4). The session's `true` wins.
    public var isDiscretionary: Bool?
    /// Tasks of the session that must succeed first (rule L6), by their identifiers.
    public var after: [Int64] = []

    /// A request for `url`.
    public init(url: URL) {
        self.url = url
    }

    /// What a request of Foundation's says: URL, header fields, and which networks it may use. Its time-out and
    /// cache policy are the session's to decide.
    ///
    /// - Throws: ``BackhaulError/Kind/invalidURL`` without a URL, ``BackhaulError/Kind/invalidRequest`` for a
    ///   method other than GET, or a body: a download has none.
    public init(_ request: URLRequest) throws(BackhaulError) {
        guard let url = request.url else {
            throw BackhaulError(.invalidURL, "the request has no URL")
        }
        let method = request.httpMethod ?? "GET"
        guard method == "GET", request.httpBody == nil, request.httpBodyStream == nil else {
            throw BackhaulError(.invalidRequest, "a download is a GET without a body, not \(method)")
        }
        self.init(url: url)
        for (name, value) in request.allHTTPHeaderFields ?? [:] {
            setValue(value, forHTTPHeaderField: name)
        }
        if !request.allowsCellularAccess { allowsCellularAccess = false }
        #if !canImport(FoundationNetworking)
            if !request.allowsExpensiveNetworkAccess { allowsExpensiveNetworkAccess = false }
            if !request.allowsConstrainedNetworkAccess { allowsConstrainedNetworkAccess = false }
        #endif
    }

    /// Sets a header field in place of those of that name; nil removes them.
    public mutating func setValue(_ value: String?, forHTTPHeaderField field: String) {
        headers.removeAll { $0.name.caseInsensitiveCompare(field) == .orderedSame }
        if let value { addValue(value, forHTTPHeaderField: field) }
    }

    /// Adds a header field beside those of that name.
    public mutating func addValue(_ value: String, forHTTPHeaderField field: String) {
        headers.append(Response.HeaderField(name: field, value: value))
    }

    /// The value of the first field of this name, in whichever case.
    public func value(forHTTPHeaderField field: String) -> String? {
        headers.first { $0.name.caseInsensitiveCompare(field) == .orderedSame }?.value
    }

    /// Puts a value into the metadata, as JSON; ``TaskInfo/metadata(as:)`` gives it back.
    ///
    /// - Throws: What its encoding throws.
    public mutating func encodeMetadata(_ value: some Encodable) throws {
        metadata = try json(value)
    }
}

/// A value as the text that metadata is.
func json(_ value: some Encodable) throws -> String {
    String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
}

extension Request {
    var generated: BackhaulGenerated.Request {
        BackhaulGenerated.Request(
            url: url.absoluteString,
            destination: destination?.generated,
            callerId: callerID,
            metadata: metadata,
            group: group,
            priority: priority,
            headers: headers.map { .init(name: $0.name, value: $0.value) },
            earliestBeginDate: earliestBeginDate,
            countOfBytesClientExpectsToReceive: countOfBytesClientExpectsToReceive.count,
            countOfBytesClientExpectsToSend: countOfBytesClientExpectsToSend.count,
            expectedSize: expectedSize.count,
            expectedDigest: expectedDigest?.generated,
            allowsCellularAccess: allowsCellularAccess,
            allowsExpensiveNetworkAccess: allowsExpensiveNetworkAccess,
            allowsConstrainedNetworkAccess: allowsConstrainedNetworkAccess,
            isDiscretionary: isDiscretionary,
            after: after
        )
    }
}

extension Request.Digest {
    fileprivate var generated: BackhaulGenerated.Digest {
        switch self {
        case .sha256(let hex): BackhaulGenerated.Digest(algorithm: .sha256, hex: hex)
        case .sha512(let hex): BackhaulGenerated.Digest(algorithm: .sha512, hex: hex)
        }
    }
}
