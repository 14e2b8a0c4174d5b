import Foundation

/// What stopped and failed downloads can go on from, by task. Used on one queue.
///
/// It is good for one start, of the same URL. Losing it costs bytes, never the file: so it is not synced.
struct ResumeDataStore {
    struct Saved: Codable, Equatable {
        /// What was asked for.
        var url: String
        /// Bytes of the file that it stands for.
        var received: UInt64
        /// Whether the server gave something that names exact bytes (rule R5).
        var isStrong: Bool
        var data: Data
    }

    /// As many as a session holds at a time, twice. A task whose end was never told must not leave its data for ever.
    static let limit = 128

    let folder: URL

    init(_ folder: URL) throws {
        self.folder = folder
        try Durable.makeFolder(folder)
    }

    func save(_ saved: Saved, forTask task: Int64) {
        do {
            try Durable.write(JSONEncoder().encode(saved), to: url(ofTask: task))
        } catch {
            Log.write(.warning, "resume data of task \(task) was not kept, it begins again: \(error)")
        }
        removeOldest()
    }

    /// What the task can go on from. It is used up.
    func take(forTask task: Int64, url: String) -> Saved? {
        defer { remove(task: task) }
        guard let data = try? Data(contentsOf: self.url(ofTask: task)) else { return nil }
        let saved = try? JSONDecoder().decode(Saved.self, from: data)
        return saved?.url == url ? saved : nil
    }

    func remove(task: Int64) {
        Durable.remove(url(ofTask: task))
    }

    private func url(ofTask task: Int64) -> URL {
        folder.appendingPathComponent("\(task).resume", isDirectory: false)
    }

    private func removeOldest() {
        let key = URLResourceKey.contentModificationDateKey
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: [key])) ?? []
        guard files.count > Self.limit else { return }
        let age = { (file: URL) in (try? file.resourceValues(forKeys: [key]).contentModificationDate) ?? .distantPast }
        files.sorted { age($0) < age($1) }.prefix(files.count - Self.limit).forEach(Durable.remove)
    }
}
