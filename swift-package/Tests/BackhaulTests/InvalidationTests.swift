import Backhaul
import BackhaulTestSupport
import Foundation
import Testing

/// One session for each identifier, and how it ends (rules C1, C2, C3).
@Suite("A session ends in order")
struct InvalidationTests {
    let fixture: Fixture
    let recorder = Recorder()

    init() throws {
        fixture = try Fixture(objects: ["a": 100_000, "b": 10])
    }

    @Test func aSecondSessionOnOneIdentifierIsATypedError() throws {
        // rule C1
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        let second = try failure {
            try Session(configuration: fixture.background(), delegate: Recorder())
        }
        #expect(second?.kind == .sessionInUse)
        // Another one beside it can live.
        let other = try Session(configuration: fixture.background("other"), delegate: Recorder())
        #expect(session.identifier != other.identifier)
    }

    @Test func tasksAreFinishedFirstThenTheSessionIsInvalid() async throws {
        // rule C3
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        let task = try session.downloadTask(with: fixture.request("a", "delay_ms=200"))
        try task.resume()
        session.finishTasksAndInvalidate()
        let refused = try failure {
            try session.downloadTask(with: fixture.request("b"))
        }
        #expect(refused?.kind == .sessionInvalidated)
        try await recorder.invalid()
        #expect(recorder.order(of: task.id).last == "completed")
        #expect(try await fixture.hasArrived("a"))
        #expect(try await task.value.location == fixture.file("a"), "its file is still known")

        // The identifier is free although the old handles are still there.
        let again = try Session(configuration: fixture.background(), delegate: Recorder())
        let gone = try failure { try task.info }
        #expect(gone?.kind == .sessionInvalidated)
        #expect(!again.status.isClosed)
    }

    @Test func aSessionThatFinishesNeedsNobodyToHoldIt() async throws {
        // rule C3
        try finishAndLetGo()
        try await recorder.invalid()
        #expect(try await fixture.hasArrived("a"))
    }

    private func finishAndLetGo() throws {
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        try session.downloadTask(with: fixture.request("a", "delay_ms=200")).resume()
        session.finishTasksAndInvalidate()
    }

    @Test func tasksAreCancelledFirstThenTheSessionIsInvalid() async throws {
        // rule C3, rule L4
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        let running = try session.downloadTask(with: fixture.request("a", "fault=stall&bytes=50000"))
        let suspended = try session.downloadTask(with: fixture.request("b"))
        try running.resume()
        try await recorder.wait(for: "bytes") { $0.contains { $0.name == "progressed" } }
        session.invalidateAndCancel()
        try await recorder.invalid()
        for task in [running, suspended] {
            let error = try await recorder.end(of: task)
            #expect(error?.kind == .cancelled && error?.isCancelled == true)
        }
        #expect(fixture.leftovers.isEmpty)
    }
}
