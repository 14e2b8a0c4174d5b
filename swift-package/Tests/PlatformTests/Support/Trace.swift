import BackhaulTestSupport

/// What happened, in order.
final class Trace<Event: Sendable>: Sendable {
    private let watched = Watched<[Event]>([])

    var events: [Event] { watched.current }

    func add(_ event: Event) {
        watched.change { $0.append(event) }
    }

    /// What happened, once this is so of it.
    @discardableResult
    func wait(until isSo: @escaping @Sendable ([Event]) -> Bool) async throws -> [Event] {
        do {
            return try await watched.wait(for: "what the test expects", until: isSo)
        } catch {
            throw TestFailure("\(error); there was \(events)")
        }
    }
}

extension Trace where Event: Equatable {
    /// Returns when this has happened so often.
    func wait(for event: Event, times: Int = 1) async throws {
        try await wait { $0.filter { $0 == event }.count >= times }
    }
}
