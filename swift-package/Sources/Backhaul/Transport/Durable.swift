import Foundation

/// What a received file needs of the file system beyond Foundation: the order of rule D2.
enum Durable {
    /// Makes a folder that is this app's alone (rule T3).
    static func makeFolder(_ folder: URL) throws {
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// Waits until a file's bytes, or a folder's names, are on disk.
    static func synchronize(_ url: URL) throws {
        let descriptor = open(url.path, O_RDONLY)
        guard descriptor >= 0 else { throw lastError() }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw lastError() }
    }

    /// Writes a file that is there whole or not at all, and on disk when this returns; its name may not be.
    static func write(_ data: Data, to url: URL) throws {
        let new = url.appendingPathExtension("new")
        try data.write(to: new)
        try restrict(new)
        try synchronize(new)
        try replace(url, with: new)
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
