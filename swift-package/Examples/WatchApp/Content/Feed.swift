import Foundation

/// What the server has to show: a small JSON file. Whoever holds a value knows that it is in order.
public struct Feed: Sendable, Hashable {
    /// More than a watch shows in a day.
    public static let longest = 64

    /// In the order of their dates.
    public let postcards: [Postcard]

    /// Why a file is not a feed.
    public enum Mistake: Error, Hashable {
        case notJSON
        case tooLong
        /// The id of one of its postcards is not fit to be a file's name, or is there twice.
        case badID(String)
        /// The path of a picture leads out of the feed's folder.
        case badPath(String)
        /// The digest of a picture is not a SHA-256 in hex digits.
        case badDigest(String)
    }

    private struct Wire: Decodable {
        let postcards: [Postcard]
    }

    /// Reads a feed that came from a server: nothing of it is taken on trust.
    public init(json: Data) throws(Mistake) {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let wire = try? decoder.decode(Wire.self, from: json) else { throw .notJSON }
        try self.init(postcards: wire.postcards)
    }

    /// - Throws: What the postcards have wrong.
    public init(postcards: [Postcard]) throws(Mistake) {
        guard postcards.count <= Feed.longest else { throw .tooLong }
        var ids: Set<String> = []
        for postcard in postcards {
            let path = postcard.picture.path
            guard postcard.id.isPlainName, ids.insert(postcard.id).inserted else { throw .badID(postcard.id) }
            guard path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(\.isPlainFileName) else {
                throw .badPath(path)
            }
            let digest = postcard.picture.sha256
            let isHex = digest.allSatisfy { $0.isASCII && $0.isHexDigit }
            guard isHex, digest.utf8.count == 64 else { throw .badDigest(digest) }
        }
        self.postcards = postcards.sorted { $0.date < $1.date }
    }
}

extension StringProtocol {
    fileprivate var isPlainName: Bool {
        !isEmpty && utf8.count <= 64
            && allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    }

    /// Plain names with dots between them.
    fileprivate var isPlainFileName: Bool {
        split(separator: ".", omittingEmptySubsequences: false).allSatisfy(\.isPlainName)
    }
}
