import Backhaul
import BackhaulTestSupport
import Foundation
import Testing

/// Results, events and progress for those who wait rather than be called.
@Suite("Asynchronous sequences and results")
struct EventsTests {
    let fixture: Fixture

    init() throws {
        fixture = try Fixture(objects: ["a": 400_000, "b": 10])
    }

    @Test func readersSeeWhatTheDelegateIsTold() async throws {
        // rule S6, rule L1
        let recorder = Recorder()
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        let events = session.events
        let reader = Task { await events.reduce(into: []) { $0.append($1.name) } }
        let task = try session.downloadTask(with: fixture.request("a"))
        try task.resume()
        #expect(try await recorder.end(of: task) == nil)
        session.finishTasksAndInvalidate()
        let read = try await within(patience, "the events to end") { await reader.value }
        let told = recorder.events.map(\.name)
        let isNoProgress = { (name: String) in name != "progressed" }
        #expect(read.filter(isNoProgress) == told.filter(isNoProgress))
        #expect(read.contains("progressed") && read.last == "becameInvalid")
        // A reader that comes late finds the end.
        #expect(await session.events.first { _ in true } == nil)
    }

    @Test func aSlowReaderIsToldThatItMissedSomething() async throws {
        // rule E2
        let recorder = Recorder()
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        let events = session.events(bufferingUpTo: 3)
        let tasks = try (0..<5).map { number in
            var request = fixture.request("b")
            request.destination = .container("b\(number)")
            return try session.downloadTask(with: request)
        }
        for task in tasks { try task.resume() }
        for task in tasks { #expect(try await recorder.end(of: task) == nil) }
        session.finishTasksAndInvalidate()
        try await recorder.invalid()
        let read = try await within(patience, "the events to end") {
            await events.reduce(into: []) { $0.append($1) }
        }
        #expect(read.prefix(3).map(\.name) == ["created", "created", "created"])
        guard read.count > 3, case .missed(let count) = read[3] else {
            Issue.record("the reader was not told: \(read)")
            return
        }
        #expect(count + read.count - 1 == recorder.events.count)
    }

    @Test func progressBeginsWithWhereTheTaskStandsAndEndsWithIt() async throws {
        // rule E2
        let session = try Session(configuration: fixture.background(), delegate: Recorder())
        let task = try session.downloadTask(with: fixture.request("a", "rate=800000"))
        let suspended = try await within(patience, "a snapshot") { await task.progress.first { _ in true } }
        #expect(suspended?.countOfBytesReceived == 0 && suspended?.countOfBytesExpectedToReceive == nil)
        let progress = task.progress
        let reader = Task { await progress.reduce(into: []) { $0.append($1.countOfBytesReceived) } }
        try task.resume()
        let received = try await within(patience, "the progress to end") { await reader.value }
        #expect(received == received.sorted())
        #expect(received.last == 400_000)
        // A reader that comes late: one snapshot.
        let late = try await within(patience, "the snapshot") {
            await task.progress.reduce(into: []) { $0.append($1.fractionCompleted) }
        }
        #expect(late == [1])
    }

    @Test func severalMayWaitForOneTask() async throws {
        // rule D2
        let session = try Session(configuration: fixture.background(), delegate: Recorder())
        let task = try session.downloadTask(with: fixture.request("a", "delay_ms=100"))
        try task.resume()
        let files = try await within(patience, "the file") {
            async let one = task.value
            async let other = try session.task(withIdentifier: task.id).value
            return try await [one, other, task.value]
        }
        #expect(Set(files.map(\.location)) == [fixture.file("a")])
        #expect(files.allSatisfy { $0.response?.statusCode == 200 })
        #expect(try await task.file() == files[0])
        #expect(try await fixture.hasArrived("a"))
    }

    @Test func whoeverStopsWaitingDoesNotStopABackgroundDownload() async throws {
        // rule S7
        let recorder = Recorder()
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        let request = fixture.request("a", "fault=stall&bytes=1000")
        let waiter = Task { try await session.download(from: request) }
        try await recorder.wait(for: "bytes") { $0.contains { $0.name == "progressed" } }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        #expect(try session.tasks().map(\.state) == [.transferring])
    }

    @Test func whoeverStopsWaitingCancelsADefaultSessionsDownload() async throws {
        // rule S8, rule L4
        let recorder = Recorder()
        let session = try Session(configuration: fixture.foreground(), delegate: recorder)
        let request = fixture.request("a", "fault=stall&bytes=1000")
        let waiter = Task { try await session.download(from: request) }
        try await recorder.wait(for: "bytes") { $0.contains { $0.name == "progressed" } }
        waiter.cancel()
        let task = try #require(try session.tasks().first)
        #expect(try await recorder.end(of: session.task(withIdentifier: task.id))?.kind == .cancelled)
        await #expect(throws: (any Error).self) { try await waiter.value }
        #expect(fixture.leftovers.isEmpty)
    }

    @Test func aSessionThatEndsLeavesNobodyWaiting() async throws {
        // rule C3
        let session = try Session(configuration: fixture.background(), delegate: Recorder())
        let task = try session.downloadTask(with: fixture.request("a", "fault=no-answer"))
        try task.resume()
        let waiter = Task { try await task.value }
        let reader = Task { await task.progress.reduce(0) { count, _ in count + 1 } }
        session.invalidateAndCancel()
        #expect(try await eventualFailure { try await within(patience, "an answer") { try await waiter.value } } != nil)
        _ = try await within(patience, "the progress to end") { await reader.value }
    }
}
