import BackhaulTestSupport
import Foundation

/// The operating system's locks on the identifiers of a container's sessions (rule C1): whoever dies lets go of them.
struct SessionLocks {
    private let files: [URL]

    init(of container: URL) throws {
        let folder = container.appendingPathComponent("locks")
        guard FileManager.default.fileExists(atPath: folder.path) else {
            files = []
            return
        }
        files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    }

    /// Returns when no session holds one.
    ///
    /// - Throws: `TestFailure` when one is held for too long.
    func areFree() async throws {
        for file in files {
            let handle = try FileHandle(forUpdating: file)
            guard await isTaken(handle.fileDescriptor) else {
                throw TestFailure("\(file.lastPathComponent) is held by a session of an app that is dead")
            }
            try handle.close()
        }
    }

    private func isTaken(_ descriptor: Int32) async -> Bool {
        let (answers, answer) = AsyncStream.makeStream(of: Bool.self)
        DispatchQueue.global().async {
            answer.yield(flock(descriptor, LOCK_EX) == 0)
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + patience / .seconds(1)) {
            answer.yield(false)
        }
        return await answers.first { _ in true } ?? false
    }
}
