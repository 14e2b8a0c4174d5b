import Foundation

/// The files that arrived, in the folder that the app shares with its widget.
///
/// Every file is put in place whole, so that the widget can read at any time, in its own process. Any thread.
public struct PostcardStore: Sendable {
    /// The folder. Downloads have their destinations below it.
    public let directory: URL

    public init(directory: URL) {
        self.directory = directory
    }

    private var feedFile: URL { directory.appendingPathComponent("feed.json", isDirectory: false) }
    private var newsFile: URL { directory.appendingPathComponent("news", isDirectory: false) }

    /// The feed of now; nil until the first one has come.
    public func feed() throws -> Feed? {
        guard exists(feedFile) else { return nil }
        return try Feed(json: Data(contentsOf: feedFile))
    }

    /// The picture of a postcard, if it has come.
    public func picture(of postcard: Postcard) -> URL? {
        found(PostcardStore.picturePath(of: postcard.id))
    }

    /// The picture of the day, if it has come.
    public var cover: URL? { found(PostcardStore.coverPath) }

    /// Where a picture lies below ``directory``.
    public static func picturePath(of id: Postcard.ID) -> String { "pictures/\(id)" }

    /// Where the picture of the day lies.
    public static let coverPath = "cover"

    private func found(_ path: String) -> URL? {
        let file = directory.appendingPathComponent(path, isDirectory: false)
        return exists(file) ? file : nil
    }

    private func exists(_ file: URL) -> Bool {
        FileManager.default.fileExists(atPath: file.path)
    }
}

// MARK: - What the app writes

extension PostcardStore {
    /// Makes a feed the one of now, which is news, and removes the pictures that it no longer names. The feed of now
    /// once more is no news.
    public func install(_ json: Data) throws {
        let feed = try Feed(json: json)
        if try feed != self.feed() {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            try noteNews()
            try json.write(to: feedFile, options: .atomic)
        }
        let named = Set(feed.postcards.map(\.id))
        for id in try pictures() where !named.contains(id) {
            let file = directory.appendingPathComponent(PostcardStore.picturePath(of: id), isDirectory: false)
            try FileManager.default.removeItem(at: file)
        }
    }

    private func pictures() throws -> [Postcard.ID] {
        let folder = directory.appendingPathComponent("pictures", isDirectory: true)
        guard exists(folder) else { return [] }
        // What begins with a dot is a download that is under way.
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }
    }

    /// Something came that the widget does not show yet. It is on disk until that was told: a process that dies in
    /// between loses no news.
    public func noteNews() throws {
        try Data().write(to: newsFile)
    }

    /// Tells of the news, if there is any, and then forgets it.
    public func tellNews(_ tell: () throws -> Void) throws {
        guard exists(newsFile) else { return }
        try tell()
        try FileManager.default.removeItem(at: newsFile)
    }
}
