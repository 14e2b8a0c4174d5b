internal import BackhaulGenerated
import Foundation

/// Where a finished file goes: a path below a named base directory (rule D5).
///
/// Apps' containers move between launches, so no absolute path is ever stored. The name is resolved each time by
/// what the configuration says then (``SessionConfiguration/baseDirectories``).
public struct Destination: Sendable, Hashable {
    /// The base directory that every session knows: the `files` folder of its container.
    public static let containerBase = "container"

    /// The name of the base directory.
    public let base: String
    /// The path below it.
    public let path: String

    /// A path below the base directory called `base`. Checked when a task is made: it must be relative, of plain
    /// names.
    public init(base: String, path: String) {
        self.base = base
        self.path = path
    }

    /// A path below the container's own `files` folder.
    public static func container(_ path: String) -> Destination {
        Destination(base: containerBase, path: path)
    }

    /// A file URL, by the base directory that it lies in.
    ///
    /// - Throws: ``BackhaulError/Kind/invalidDestination`` for a URL that is not a file's, or that lies in none of
    ///   the configuration's base directories, nor in the container's `files` folder.
    public static func file<Kind>(
        _ url: URL,
        in configuration: SessionConfiguration<Kind>
    ) throws(BackhaulError) -> Destination {
        try configuration.settings.destination(for: url)
    }

    /// A file URL, by the base directory of the session that it lies in.
    ///
    /// - Throws: As `file(_:in:)` with a configuration.
    public static func file(_ url: URL, in session: Session) throws(BackhaulError) -> Destination {
        try session.settings.destination(for: url)
    }
}

extension SessionSettings {
    /// Every base directory that a destination may name.
    private var bases: [String: URL] {
        let files = containerDirectory.appendingPathComponent("files", isDirectory: true)
        return baseDirectories.merging([Destination.containerBase: files]) { named, _ in named }
    }

    /// The innermost base directory that the file lies in decides.
    func destination(for url: URL) throws(BackhaulError) -> Destination {
        guard url.isFileURL else {
            throw BackhaulError(
                .invalidDestination,
                "a destination must be a file URL, not one of scheme \(url.scheme ?? "none")"
            )
        }
        let file = url.standardizedFileURL.pathComponents
        let candidates = bases.compactMap { name, directory -> (name: String, depth: Int)? in
            let components = directory.standardizedFileURL.pathComponents
            let isInside = file.count > components.count && file.starts(with: components)
            return isInside ? (name, components.count) : nil
        }
        guard let base = candidates.max(by: { $0.depth < $1.depth }) else {
            throw BackhaulError(
                .invalidDestination,
                "\(url.path) lies in no base directory; add its folder to the configuration's baseDirectories"
            )
        }
        return Destination(base: base.name, path: file.dropFirst(base.depth).joined(separator: "/"))
    }
}

extension Destination {
    init(_ destination: BackhaulGenerated.Destination) {
        base = destination.base
        path = destination.path
    }

    var generated: BackhaulGenerated.Destination {
        BackhaulGenerated.Destination(base: base, path: path)
    }
}
