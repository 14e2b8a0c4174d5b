import Foundation

/// A picture with a few words, to be shown from a date on.
///
/// Its id stands for one picture for ever: what is here under its name is never asked for again.
public struct Postcard: Codable, Sendable, Hashable, Identifiable {
    /// Letters, digits, `-` and `_`: it becomes the name of a file.
    public let id: String
    public let title: String
    /// From when on it is shown.
    public let date: Date
    public let picture: Picture

    /// Where the picture is, and what it must be.
    public struct Picture: Codable, Sendable, Hashable {
        /// Below the feed's own folder on the server.
        public let path: String
        /// Its length.
        public let bytes: Int64
        /// Its digest in hex digits.
        public let sha256: String

        public init(path: String, bytes: Int64, sha256: String) {
            self.path = path
            self.bytes = bytes
            self.sha256 = sha256
        }
    }

    public init(id: String, title: String, date: Date, picture: Picture) {
        self.id = id
        self.title = title
        self.date = date
        self.picture = picture
    }
}
