import Backhaul
import BackhaulTestSupport
import Foundation
import Testing

/// Nothing of the app is held once a session has ended (rule C3).
@Suite("Sessions and delegates are released")
struct LeakTests {
    let fixture: Fixture

    init() throws {
        fixture = try Fixture(objects: ["a": 1000])
    }

    /// What must be gone, by weak references.
    private final class Traces: @unchecked Sendable {
        weak var session: Session?
        weak var delegate: Holder?
        weak var queue: Marker?

        var isClean: Bool { session == nil && delegate == nil && queue == nil }
    }

    private final class Marker: Sendable {}

    /// A delegate that holds its session, as apps do: a circle until the session is invalid.
    private final class Holder: SessionDownloadDelegate {
        let session = Watched<Session?>(nil)
        let ended = Watched<[String]>([])

        func urlSession(_ session: Session, downloadTask: DownloadTask, didFinishDownloadingTo location: URL) {
            ended.change { $0.append("file") }
        }

        func urlSession(_ session: Session, didBecomeInvalidWithError error: BackhaulError?) {
            ended.change { $0.append("invalid") }
        }
    }

    /// Makes a session and a file, ends it, and gives back what to look for.
    private func run(_ end: @Sendable (Session) -> Void) async throws -> (Traces, Watched<[String]>) {
        let traces = Traces()
        let delegate = Holder()
        let marker = Marker()
        let queue = DelegateQueue { work in
            withExtendedLifetime(marker) { DispatchQueue.global().async(execute: work) }
        }
        let session = try Session(configuration: fixture.background(), delegate: delegate, delegateQueue: queue)
        delegate.session.change { $0 = session }
        (traces.session, traces.delegate, traces.queue) = (session, delegate, marker)
        let task = try session.downloadTask(with: fixture.request("a"))
        let events = session.events
        try task.resume()
        _ = try await within(patience, "the file") { try await task.value }
        _ = await events.first { $0.name == "finished" }
        end(session)
        return (traces, delegate.ended)
    }

    @Test(arguments: [true, false])
    func afterInvalidation(_ finishes: Bool) async throws {
        // rule C3
        let (traces, ended) = try await run { session in
            finishes ? session.finishTasksAndInvalidate() : session.invalidateAndCancel()
        }
        try await ended.wait(for: "the last call") { $0.last == "invalid" }
        // The library lets go of the delegate when its last call has returned, and nobody else held the circle.
        #expect(try await holds { traces.isClean })
    }

    @Test func whenTheAppLetsGo() async throws {
        // rule L2
        let (traces, _) = try await run { _ in }
        traces.delegate?.session.change { $0 = nil }
        #expect(try await holds { traces.isClean })
    }

    @Test func readersThatAreDropped() async throws {
        // rule E2
        let session = try Session(configuration: fixture.background(), delegate: Recorder())
        let task = try session.downloadTask(with: fixture.request("a"))
        weak var trace: Marker?
        do {
            let marker = Marker()
            trace = marker
            let reader = Task {
                for await _ in session.events { withExtendedLifetime(marker) {} }
            }
            let waiter = Task { [marker] in
                defer { withExtendedLifetime(marker) {} }
                return try await task.value
            }
            reader.cancel()
            waiter.cancel()
            await reader.value
            await #expect(throws: CancellationError.self) { try await waiter.value }
        }
        #expect(try await holds { trace == nil })
        #expect(!session.status.isClosed)
    }

    /// Whether a condition comes to hold that nobody reports.
    private func holds(_ condition: () -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + patience
        while !condition() && ContinuousClock.now < end { await Task.yield() }
        return condition()
    }
}
