import Backhaul
import BackhaulTestSupport

/// What the delegate of a session was told.
enum Told: Sendable, Equatable {
    case file(in: String)
    case end(in: String, BackhaulError.Kind? = nil)
    case allEvents(in: String)
}

extension Trace<Told> {
    /// A delegate that notes here what it is told. `atFile` runs in place of the app's work with a file.
    func recorder(_ name: String, atFile: @escaping @Sendable () throws -> Void) -> Recorder {
        Recorder { [self] _, event in
            switch event {
            case .finished:
                try atFile()
                add(.file(in: name))
            case .completed(_, let error): add(.end(in: name, error?.kind))
            case .finishedEvents: add(.allEvents(in: name))
            default: break
            }
        }
    }

    /// The session's one download was told whole: the file, its end, and that this was all.
    func hasDownload(in name: String) -> Bool {
        let ends: [Told] = [.file(in: name), .end(in: name)]
        let all = events.filter { ends.contains($0) || $0 == .allEvents(in: name) }
        return Array(all.prefix(2)) == ends && all.last == .allEvents(in: name)
    }
}
