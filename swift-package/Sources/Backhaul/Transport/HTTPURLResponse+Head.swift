internal import BackhaulGenerated
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

extension HTTPURLResponse {
    var isSuccess: Bool { (200..<300).contains(statusCode) }

    /// The head as the core wants it. Foundation does not say which version of HTTP it was: the metrics do.
    func head(httpVersion: String) -> BackhaulGenerated.Response {
        BackhaulGenerated.Response(
            url: url?.absoluteString ?? "",
            status: UInt16(clamping: statusCode),
            httpVersion: httpVersion,
            headers: allHeaderFields.compactMap { name, value in
                guard let name = name as? String else { return nil }
                return HeaderField(name: name, value: String(describing: value))
            },
            body: Data(),
            suggestedFilename: nil
        )
    }

    /// Whether it names exact bytes (rule R5): a strong `ETag`, or a `Last-Modified` a minute before its `Date`.
    var hasStrongValidator: Bool {
        if let tag = value(forHTTPHeaderField: "ETag") {
            return tag.hasPrefix("\"") && tag.count > 2
        }
        guard let modified = date("Last-Modified"), let answered = date("Date") else { return false }
        return answered.timeIntervalSince(modified) >= 60
    }

    private func date(_ field: String) -> Date? {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return value(forHTTPHeaderField: field).flatMap(format.date)
    }
}
