import Backhaul
import BackhaulTestSupport
import Foundation
import Testing

/// What becomes of a delegate that throws, calls back, hangs, or lets go of its session (rules L2, D4).
@Suite("Nothing that a delegate does breaks a session")
struct DelegateFailureTests {
    let fixture: Fixture

    init() throws {
        fixture = try Fixture(objects: ["a": 100_000, "b": 10])
    }

    private struct Refusal: Error {}

    @Test(arguments: ["collectedMetrics", "finished", "completed"])
    func aDelegateThatThrowsIsToldAgainByTheNextSession(_ call: String) async throws {
        // rule D4
        let throwing = Recorder { _, event in
            if event.name == call { throw Refusal() }
        }
        var session: Session? = try Session(configuration: fixture.background(), delegate: throwing)
        var task: DownloadTask? = try session!.downloadTask(with: fixture.request("a"))
        let id = task!.id
        try task!.resume()
        try await throwing.wait(for: "\(call)") { $0.contains { $0.name == call } }
        let file = try await within(patience, "the file all the same") { [task] in try await task!.value }
        #expect(file.location == fixture.file("a"))
        let first = throwing.events.first { $0.name == call }?.task?.sequence
        (session, task) = (nil, nil)

        let again = Recorder()
        session = try Session(configuration: fixture.background(), delegate: again)
        try await again.wait(for: "the end") { $0.contains { $0.name == "completed" && $0.task?.id == id } }
        let second = again.events.first { $0.name == call }?.task?.sequence
        #expect(first != nil && first == second, "the same event")
        #expect(try session!.journal().count == 1)
        #expect(try await fixture.hasArrived("a"))
    }

    @Test func whatWasAcknowledgedIsNotToldAgain() async throws {
        // rule D4
        let recorder = Recorder()
        try await downloadAndLetGo(told: recorder)
        let again = Recorder()
        let session = try Session(configuration: fixture.background(), delegate: again)
        #expect(session.status.undelivered == 0)
        let other = try session.downloadTask(with: fixture.request("b"))
        try other.resume()
        #expect(try await again.end(of: other) == nil)
        #expect(again.events.allSatisfy { $0.task.map { $0.id == other.id } ?? true })
        #expect(try session.journal().map(\.isAcknowledged) == [true, true])
    }

    private func downloadAndLetGo(told recorder: Recorder) async throws {
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        let task = try session.downloadTask(with: fixture.request("a"))
        try task.resume()
        try await recorder.wait(for: "all to be delivered") { $0.last?.name == "finishedEvents" }
    }

    @Test func aDelegateMayCallTheSession() async throws {
        // rule L2
        let fixture = fixture
        let recorder = Recorder { session, event in
            guard case .finished(let task, _) = event, task.callerID == "first" else { return }
            var next = fixture.request("b")
            next.callerID = "second"
            try session.enqueue([next])
            try session.task(withIdentifier: task.id).setMetadata("done")
            _ = try session.tasks()
        }
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        var first = fixture.request("a")
        first.callerID = "first"
        try session.downloadTask(with: first).resume()
        try await recorder.wait(for: "the second file") { events in
            events.contains { $0.name == "completed" && $0.task?.callerID == "second" }
        }
        #expect(try session.task(withCallerID: "first")?.info.metadata == "done")
    }

    @Test func aDelegateThatHangsDelaysItsOwnSessionOnly() async throws {
        // rule L2
        let (entered, release) = (Watched(false), DispatchSemaphore(value: 0))
        let hanging = Recorder { _, event in
            guard event.name == "created" else { return }
            entered.change { $0 = true }
            release.wait()
        }
        let stuck = try Session(configuration: fixture.background("stuck"), delegate: hanging)
        let late = try stuck.downloadTask(with: fixture.request("a"))
        try await entered.wait(for: "the delegate to hang") { $0 }
        try late.resume()

        let other = try Session(configuration: fixture.background("other"), delegate: Recorder())
        let quick = try other.downloadTask(with: fixture.request("b"))
        try quick.resume()
        _ = try await within(patience, "the other session's file") { try await quick.value }
        #expect(hanging.events.map(\.name) == ["created"])

        release.signal()
        #expect(try await hanging.end(of: late) == nil, "nothing was lost")
    }

    @Test func aDelegateMayLetGoOfItsSession() async throws {
        // rule L2, rule D4
        let held = Watched<Session?>(nil)
        let fixture = fixture
        let recorder = Recorder { _, event in
            if event.name == "finished" { held.change { $0 = nil } }
        }
        try download(fixture.request("a"), told: recorder) { session in held.change { $0 = session } }
        try await recorder.wait(for: "the file") { $0.contains { $0.name == "finished" } }
        // Its end may come again: it is at least once.
        let again = Recorder()
        let session = try Session(configuration: fixture.background(), delegate: again)
        let info = try #require(try session.tasks().first)
        #expect(info.state == .completed)
        #expect(try await session.task(withIdentifier: info.id).file()?.location == fixture.file("a"))
    }
}

extension DelegateFailureTests {
    private func download(_ request: Request, told recorder: Recorder, hold: (Session) -> Void) throws {
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        hold(session)
        try session.downloadTask(with: request).resume()
    }
}
