import Foundation

/// What received files need of the file system beyond Foundation.
enum Durable {
    /// Makes a folder that is this app's alone (rule T3).
    static func makeFolder(_ folder: URL) throws {
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// Waits until a file's bytes are on disk.
    static func synchronize(_ file: URL) throws {
        let descriptor = open(file.path, O_RDONLY)
        guard descriptor >= 0 else { throw lastError() }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw lastError() }
    }

    /// Writes a small file that is there whole or not at all, if the power stays on.
    static func write(_ data: Data, to url: URL) throws {
        try data.write(to: url, options: .atomic)
        try restrict(url)
    }

    /// Moves a file over another, or to another volume.
    static func replace(_ url: URL, with new: URL) throws {
        if rename(new.path, url.path) == 0 { return }
        guard errno == EXDEV else { throw lastError() }
        let copy = url.appendingPathExtension("copy")
        remove(copy)
        try FileManager.default.copyItem(at: new, to: copy)
        try synchronize(copy)
        guard rename(copy.path, url.path) == 0 else { throw lastError() }
        remove(new)
    }

    /// For the app's own eyes (rule T3).
    static func restrict(_ url: URL) throws {
        guard chmod(url.path, 0o600) == 0 else { throw lastError() }
    }

    /// Removes what may not be there.
    static func remove(_ url: URL) {
        try? FileManager.default.removeItem(at: url)
    }

    private static func lastError() -> any Error {
        NSError(domain: NSPOSIXErrorDomain, code: Int(errno))
    }
}
