import Backhaul
import BackhaulTestSupport
import Foundation
import Testing

/// What a task carries, why it waits, and what comes of it (sections L and E of the contract).
@Suite("A task says what it is and why it waits")
struct TaskTests {
    let fixture: Fixture
    let recorder = Recorder()

    init() throws {
        fixture = try Fixture(objects: ["a": 400_000, "b": 10, "c": 10])
    }

    private func session() throws -> Session {
        try Session(configuration: fixture.background(), delegate: recorder)
    }

    private struct Sheet: Codable, Equatable {
        let number: Int
        let scale: Double
    }

    @Test func whatTheAppSaidOfItComesBackWithEveryCall() async throws {
        // rule L3
        let session = try session()
        var request = fixture.request("b")
        request.callerID = "alps"
        request.group = "maps"
        request.priority = 0.75
        try request.encodeMetadata(Sheet(number: 7, scale: 0.5))
        let task = try session.downloadTask(with: request)
        try task.resume()
        #expect(try await recorder.end(of: task) == nil)
        let told = recorder.events.compactMap(\.task)
        #expect(told.count >= 4)
        for info in told {
            #expect(info.callerID == "alps" && info.group == "maps" && info.priority == 0.75)
            #expect(try info.metadata(as: Sheet.self) == Sheet(number: 7, scale: 0.5))
            #expect(info.url == request.url && info.destination == .container("b"))
        }
        try task.setMetadata(encoding: Sheet(number: 8, scale: 1))
        #expect(try task.metadata(as: Sheet.self)?.number == 8)
        try session.setMetadata("plain", for: [task.id])
        #expect(try task.info.metadata == "plain")
        #expect(throws: DecodingError.self) { try task.metadata(as: Sheet.self) }
    }

    @Test func theSameNameAgainIsTheSameTask() async throws {
        // rule L5
        let session = try session()
        var request = fixture.request("b")
        request.callerID = "alps"
        let first = try session.downloadTask(with: request)
        let second = try session.downloadTask(with: request)
        #expect(first == second)
        #expect(try session.task(withCallerID: "alps") == first)
        #expect(try session.task(withCallerID: "jura") == nil)
        #expect(try await session.allTasks.map(\.id) == [first.id])

        try first.resume()
        #expect(try await recorder.end(of: first) == nil)
        try await recorder.wait(for: "the end to be acknowledged") { $0.last?.name == "finishedEvents" }
        try session.forget([first.id])
        #expect(try session.downloadTask(with: request) != first, "the name is free again")
        #expect(try failure { try first.info }?.kind == .unknownTask)
    }

    @Test func aPlanAdvancesByItselfAndFailsAsOne() async throws {
        // rule L6
        let session = try session()
        var plan = Plan()
        let first = plan.add(fixture.request("a", "delay_ms=100"))
        let second = plan.add(fixture.request("b"), after: [first])
        plan.add(fixture.request("c", "fault=status&status=404"), after: [first, second])
        let tasks = try session.enqueue(plan)
        #expect(tasks.count == 3)
        let waiting = try await tasks[1].explain()
        #expect(waiting.reason == .dependency && waiting.after == [tasks[0].id])
        #expect(try await recorder.end(of: tasks[2])?.kind == .httpStatus)
        let ends = recorder.events.filter { $0.name == "completed" }.compactMap { $0.task?.id }
        #expect(ends == tasks.map(\.id))

        var late = fixture.request("d")
        late.after = [tasks[2].id]
        let dependent = try await session.enqueue([late])[0]
        #expect(try await recorder.end(of: dependent)?.kind == .dependencyFailed)
    }

    @Test func whoAsksIsToldWhyItWaits() async throws {
        // rule E1, rule P1, rule P2
        let session = try session()
        let task = try session.downloadTask(with: fixture.request("a"))
        #expect(try await task.explain().reason == .suspended)
        var conditions = SystemConditions()
        conditions.network = .none
        session.setConditions(conditions)
        let asked = Date()
        try task.resume()
        let why = try await task.explain()
        #expect(why.task.state == .waiting(.connectivity))
        #expect(why.unblockedBy == WaitReason.connectivity.unblockedBy)
        #expect(why.since.timeIntervalSince(asked) > -1 && why.attemptCount == 0)
        #expect(session.status.waiting[.connectivity] == 1)

        let inspector = try Inspector(container: fixture.container, conditions: conditions)
        #expect(try inspector.sessionIdentifiers == ["com.example.test"])
        #expect(try inspector.explain(task.id, ofSession: "com.example.test").reason == .connectivity)

        session.setConditions(SystemConditions())
        #expect(try await recorder.end(of: task) == nil)
        #expect(try await task.explain().reason == nil)
        #expect(try inspector.journal(ofSession: "com.example.test").map(\.taskIdentifier) == [task.id])
        #expect(try inspector.tasks(ofSession: "com.example.test").first?.state == .completed)
    }

    @Test func whatFailedBeforeIsRemembered() async throws {
        // rule E1, rule H1
        let session = try session()
        let task = try session.downloadTask(with: fixture.request("a", "fault=status&status=503&retry_after=3600"))
        try task.resume()
        try await recorder.wait(for: "the task to wait") { events in
            events.contains { event in
                guard case .waiting(_, let reason) = event else { return false }
                return reason == .retryAfter
            }
        }
        let why = try await task.explain()
        #expect(why.reason == .retryAfter && why.attemptCount == 1)
        #expect(why.attempts.first?.outcome.contains("503") == true)
        #expect(why.task.error?.kind == .httpStatus && why.task.error?.isRetryable == true)
        let next = try #require(why.nextEvaluation)
        #expect(abs(next.timeIntervalSinceNow - 3600) < 60)
    }

    @Test func progressComesAtMostTenTimesASecondAndOnceExactly() async throws {
        // rule E2
        let session = try session()
        let task = try session.downloadTask(with: fixture.request("a", "rate=400000"))
        try task.resume()
        #expect(try await recorder.end(of: task) == nil)
        let calls = recorder.calls.filter { $0.event.name == "progressed" }
        let progress = calls.compactMap { call -> DownloadTask.Progress? in
            guard case .progressed(_, let progress) = call.event else { return nil }
            return progress
        }
        let time = try #require(calls.last).time - #require(calls.first).time
        #expect(calls.count >= 3 && Double(calls.count) <= time / .milliseconds(100) + 2)
        #expect(progress.map(\.countOfBytesWritten).reduce(0, +) == 400_000)
        #expect(progress.last?.countOfBytesReceived == 400_000)
        #expect(progress.last?.fractionCompleted == 1)
    }
}
