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

    /// Returns when no session holds one. Bounded by the time limit of the test.
    func areFree() async throws {
        for file in files {
            let handle = try FileHandle(forUpdating: file)
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    flock(handle.fileDescriptor, LOCK_EX)
                    continuation.resume()
                }
            }
            try handle.close()
        }
    }
}
