import BackhaulTestSupport
import Foundation
import Testing

/// Real processes that are killed, and started again until everything was told.
@Suite("Kill the app at any instant and start it again")
struct KillTests {
    let fixture: Fixture

    init() throws {
        fixture = try Fixture(objects: ["a": 400_000, "b": 200_000, "c": 1000])
    }

    private var urls: [URL] {
        [
            fixture.server.url("a", "rate=300000"), fixture.server.url("b", "rate=300000"),
            fixture.server.url("c"),
        ]
    }

    /// The word at which the app stops until it is killed. Its transfers go on meanwhile.
    @Test(arguments: [
        "started", "enqueued", "created", "wrote", "finished", "completed",
    ])
    func everyFileArrivesAndEveryEndIsTold(_ death: String) async throws {
        // rule S7, rule D4
        let killed = try HostProcess(container: fixture.container, stopsAt: death, urls: urls)
        try await killed.wait(for: death)
        killed.kill()
        #expect(try await killed.end() == .signal(SIGKILL))

        // And again, in the middle of the rest.
        let second = try HostProcess(container: fixture.container, urls: urls)
        try await second.wait { $0.lines.contains { $0.hasPrefix("wrote") || $0.hasPrefix("done") } }
        second.kill()
        _ = try await second.end()

        let last = try HostProcess(container: fixture.container, urls: urls)
        try await last.wait(for: "done")
        #expect(try await last.end() == .status(0))

        let lines = [killed, second, last].flatMap(\.lines)
        for name in ["a", "b", "c"] {
            #expect(try await fixture.hasArrived(name))
            let ends = lines.filter { $0.hasPrefix("completed \(name) ") }
            #expect(!ends.isEmpty, "the end of \(name) was told")
            #expect(Set(ends).count == 1, "and is the same event when it is told again: \(ends)")
        }
        if ["finished", "completed"].contains(death) {
            // It was not acknowledged: it came again.
            let told = killed.lines.last { $0.hasPrefix(death) }
            #expect(lines.filter { $0 == told }.count >= 2)
        }
        #expect(lines.allSatisfy { !$0.hasPrefix("failed") })
        #expect(fixture.leftovers.isEmpty)
    }
}
