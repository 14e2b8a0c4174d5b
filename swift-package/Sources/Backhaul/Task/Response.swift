internal import BackhaulGenerated
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The head of a server's answer.
public struct Response: Sendable, Hashable {
    /// One header field.
    public struct HeaderField: Sendable, Hashable {
        /// Its name, as the server wrote it.
        public let name: String
        /// Its value.
        public let value: String
    }

    /// The URL that answered, after redirects; nil if Foundation cannot read it.
    public let url: URL?
    /// The HTTP status.
    public let statusCode: Int
    /// `HTTP/1.1` or `HTTP/2.0`.
    public let httpVersion: String
    /// The header fields in their order.
    public let headers: [HeaderField]
    /// The first 64 KiB of the body of an answer that made the task fail (rule H5); empty for a success.
    public let body: Data
    /// The file name that the server suggests: one safe path component (rule T4).
    public let suggestedFilename: String?

    /// The value of the first field of this name, in whichever case.
    public func value(forHTTPHeaderField field: String) -> String? {
        headers.first { $0.name.caseInsensitiveCompare(field) == .orderedSame }?.value
    }

    /// The same as Foundation has it. Fields of one name are joined by commas.
    public var httpURLResponse: HTTPURLResponse? {
        guard let url else { return nil }
        let fields = Dictionary(headers.map { ($0.name, $0.value) }) { "\($0), \($1)" }
        return HTTPURLResponse(url: url, statusCode: statusCode, httpVersion: httpVersion, headerFields: fields)
    }
}

extension Response {
    init(_ response: BackhaulGenerated.Response) {
        url = URL(string: response.url)
        statusCode = Int(response.status)
        httpVersion = response.httpVersion
        headers = response.headers.map { HeaderField(name: $0.name, value: $0.value) }
        body = response.body
        suggestedFilename = response.suggestedFilename
    }
}
