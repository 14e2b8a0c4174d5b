import Backhaul
import BackhaulTestSupport
import Foundation
import Testing

/// The six steps of "Making background requests", and what a session outlives (section S of the contract).
@Suite("Making background requests")
struct SixStepsTests {
    let fixture: Fixture
    let recorder = Recorder()

    init() throws {
        fixture = try Fixture(objects: ["a": 300_000, "b": 10])
    }

    @Test func aBackgroundConfigurationHasAnIdentifier() throws {
        // rule S1
        let made = try SessionConfiguration.background(withIdentifier: "com.example.maps")
        #expect(made.identifier == "com.example.maps")
        #expect(made.isDiscretionary && made.waitsForConnectivity)
        #expect(SessionConfiguration.default.identifier == nil)
    }

    @Test func aSessionIsMadeFromConfigurationDelegateAndQueue() async throws {
        // rule S2
        let queue = OperationQueue()
        let session = try Session(
            configuration: fixture.background(), delegate: recorder, delegateQueue: queue)
        #expect(session.identifier == "com.example.test")
        // A default session needs no delegate.
        let silent = try Session(configuration: fixture.foreground())
        let file = try await silent.download(from: fixture.request("a"))
        #expect(file.location == fixture.file("a"))
        #expect(try await fixture.hasArrived("a"))
    }

    @Test func aTaskIsCreatedSuspendedAndResumeStartsIt() async throws {
        // rule S3, rule S4
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        let task = try session.downloadTask(with: fixture.request("a"))
        let info = try task.info
        #expect(info.state == .suspended)
        #expect(info.deadline == nil, "the clock does not run yet")
        // Another task goes all the way meanwhile.
        let other = try session.downloadTask(with: fixture.request("b"))
        try other.resume()
        #expect(try await recorder.end(of: other) == nil)
        #expect(recorder.order(of: task.id) == ["created"])

        try task.resume()
        #expect(try await recorder.end(of: task) == nil)
        #expect(try await fixture.hasArrived("a"))
        #expect(fixture.leftovers.isEmpty)
    }

    @Test func aWakeIsHandedOverInOneCallAndCompletedOnce() async throws {
        // rule S5, rule W3, rule W4
        let completions = Watched(0)
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        let task = try session.downloadTask(with: fixture.request("a"))
        try task.resume()
        let ticket = WakeTicket(onMain: false) { completions.change { $0 += 1 } }
        #expect(session.handleBackgroundEvents(ticket))
        #expect(!session.handleBackgroundEvents(ticket), "a ticket is used once")
        try await completions.wait(for: "the wake's completion") { $0 == 1 }
        let events = recorder.events.map(\.name)
        #expect(events.last == "finishedEvents", "it follows the last entry")
        #expect(events.contains("completed"))
        session.invalidateAndCancel()
        try await recorder.invalid()
        #expect(completions.current == 1)
    }

    @Test func theDelegateReceivesAllOfIt() async throws {
        // rule S6
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        let task = try session.downloadTask(with: fixture.request("a"))
        try task.resume()
        #expect(try await recorder.end(of: task) == nil)
        for event in recorder.events {
            switch event {
            case .responded(_, let response):
                #expect(response.statusCode == 200)
                #expect(response.url == fixture.server.url("a"))
                #expect(response.value(forHTTPHeaderField: "CONTENT-LENGTH") == "300000")
                #expect(response.httpURLResponse?.statusCode == 200)
            case .progressed(_, let progress):
                #expect(progress.countOfBytesExpectedToReceive == 300_000)
            case .collectedMetrics(_, let metrics):
                #expect(metrics.countOfBytesReceived == 300_000)
                #expect(metrics.attemptCount == 1)
                #expect(metrics.httpVersion == "HTTP/1.1")
                #expect(metrics.duration >= metrics.timeToFirstByte)
            case .finished(_, let file):
                #expect(file.location == fixture.file("a"))
                #expect(file.length == 300_000)
            default:
                break
            }
        }
        try await recorder.wait(for: "everything to be delivered") { $0.last?.name == "finishedEvents" }
    }

    @Test func aBackgroundSessionGoesOnWhereItWas() async throws {
        // rule S7, rule D3
        let id = try await interrupted(configuration: fixture.background())
        let again = Recorder()
        let session = try Session(configuration: fixture.background(), delegate: again)
        let task = try session.task(withCallerID: "later")
        #expect(try task?.info.state == .suspended)
        let resumed = try await again.wait(for: "the task to go on") { events in
            events.contains { $0.name == "resumed" && $0.task?.id == id }
        }
        guard case .resumed(_, let offset, let total) = resumed.last(where: { $0.name == "resumed" }) else { return }
        #expect(offset == 250_000 && total == 300_000)
    }

    @Test func aDefaultSessionDoesNotOutliveTheApp() async throws {
        // rule S8
        let recorder = Recorder()
        var session: Session? = try Session(configuration: fixture.foreground(), delegate: recorder)
        let task = try session!.downloadTask(with: fixture.request("a", "fault=stall&bytes=250000"))
        try task.resume()
        session = try Session(configuration: fixture.foreground())
        #expect(try session!.tasks().isEmpty)
    }

    /// Downloads 250,000 bytes of `a` and lets go of everything.
    private func interrupted(configuration: SessionConfiguration<Background>) async throws -> Int64 {
        let session = try Session(configuration: configuration, delegate: recorder)
        let task = try session.downloadTask(with: fixture.request("a", "fault=stall&bytes=250000"))
        var later = fixture.request("b")
        later.callerID = "later"
        _ = try session.downloadTask(with: later)
        try task.resume()
        let id = task.id
        try await recorder.wait(for: "250,000 bytes") { events in
            events.contains { event in
                guard case .progressed(let task, let progress) = event else { return false }
                return task.id == id && progress.countOfBytesReceived == 250_000
            }
        }
        return id
    }
}
