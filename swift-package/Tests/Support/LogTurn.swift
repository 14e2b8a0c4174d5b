import Backhaul

/// Whether a test listens. The log of a process has one sink: tests that listen take turns.
private let isTaken = Watched(false)

/// Runs `body` with what the library's log says meanwhile; what other tests make it say is in it as well.
public func listeningToTheLog(
    _ level: Log.Level,
    _ body: (_ records: Watched<[Log.Record]>) async throws -> Void
) async throws {
    while isTaken.change({ taken in
        defer { taken = true }
        return taken
    }) {
        try await isTaken.wait(for: "another test to leave the log") { !$0 }
    }
    defer { isTaken.change { $0 = false } }
    let records = Watched<[Log.Record]>([])
    try Log.setSink({ record in records.change { $0.append(record) } }, level: level)
    try await body(records)
    try Log.setSink(nil)
}
