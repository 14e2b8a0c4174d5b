import Backhaul

/// The metadata of the app's tasks: it comes back with everything that is told of them, in whichever process.
struct DownloadNote: Codable, Sendable, Hashable {
    let download: Download
    /// Why the file that came is of no use.
    var problem: String?
}

extension TaskInfo {
    /// Nil for a task whose metadata another version of the app wrote.
    var note: DownloadNote? { try? metadata(as: DownloadNote.self) }
}

extension DownloadTask {
    /// Says why the file that came is of no use.
    func setProblem(_ sentence: String) throws {
        guard var note = snapshot?.note else { return }
        note.problem = sentence
        try setMetadata(encoding: note)
    }
}
