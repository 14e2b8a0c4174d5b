import BackhaulTestSupport
import Foundation
import Testing

@testable import Backhaul

/// What the system carries on while the app is dead, and what the next process makes of it.
@Suite("A later process")
struct LaterProcessTests {
    let fixture: Fixture
    let service = FakeService()
    let body = Data("the mountains".utf8)

    init() throws {
        fixture = try Fixture()
    }

    private func life(
        change: (inout SessionConfiguration<Background>) -> Void = { _ in }
    ) throws -> FakeLife {
        try FakeLife(fixture, service, change: change)
    }

    /// An app starts a transfer and dies.
    private func leaveOneRunning() async throws -> (task: Int64, name: String) {
        let (task, name) = try await life().start()
        service.die()
        return (task.id, name)
    }

    private func file(_ name: String = "a") throws -> Data {
        try Data(contentsOf: fixture.file(name))
    }

    @Test func takesOverWhatGoesOn() async throws {
        // rule S7, rule W5
        let (id, name) = try await leaveOneRunning()
        let life = try life()
        service.answer(name)
        service.write(name, 5, total: 9, of: 13)
        try await life.recorder.wait(for: "bytes") { $0.contains { $0.name == "progressed" } }
        service.finish(name, body)
        let task = try life.session.task(withIdentifier: id)
        #expect(try await life.recorder.end(of: task) == nil)
        #expect(try file() == body)
        #expect(service.state.current.made.count == 1, "nothing was started again")
        for case .progressed(_, let progress) in life.recorder.events.prefix(1) {
            #expect(progress.countOfBytesReceived == 9, "four came while it was away")
        }
    }

    @Test func isGivenWhatFinishedMeanwhile() async throws {
        // rule S11, rule W5
        let (id, name) = try await leaveOneRunning()
        service.answer(name)
        service.finish(name, body)
        let life = try life()
        #expect(try await life.recorder.end(of: life.session.task(withIdentifier: id)) == nil)
        #expect(try file() == body)
        #expect(service.state.current.made.count == 1)
        #expect(!life.recorder.events.map(\.name).contains("cancelledUnknownTransfer"))
    }

    @Test func findsWhatWasReceivedAndNotRecorded() async throws {
        // rule D2, rule W5
        let id: Int64
        do {
            let life = try life()
            let (task, name) = try await life.start()
            id = task.id
            service.answer(name, ["ETag": "\"1\"", "Content-Length": "13"])
            // The process dies in the call after which the system's own file is gone.
            service.finish(name, body, isTold: false)
            life.host.queue.sync {}
            service.forget(name)
            service.die()
        }
        let life = try life()
        #expect(try await life.recorder.end(of: life.session.task(withIdentifier: id)) == nil)
        #expect(try file() == body)
        #expect(service.state.current.made.count == 1)
        life.host.queue.sync { #expect(life.host.staging.kept.isEmpty) }
    }

    @Test func startsAgainWhatTheSystemDoesNotHold() async throws {
        // rule W5, rule W6
        let (id, name) = try await leaveOneRunning()
        service.forget(name)
        let life = try life()
        try await service.isRunning("\(id).2")
        service.answer("\(id).2")
        service.finish("\(id).2", body)
        #expect(try await life.recorder.end(of: life.session.task(withIdentifier: id)) == nil)
    }

    @Test(arguments: [ForceQuitPolicy.report, .requeue])
    func hearsThatTheUserEndedTheApp(policy: ForceQuitPolicy) async throws {
        // rule W6
        let (id, name) = try await leaveOneRunning()
        let reason = [NSURLErrorBackgroundTaskCancelledReasonKey: NSURLErrorCancelledReasonUserForceQuitApplication]
        service.fail(name, NSError(domain: NSURLErrorDomain, code: NSURLErrorCancelled, userInfo: reason))
        let life = try life { $0.forceQuitPolicy = policy }
        let task = try life.session.task(withIdentifier: id)
        switch policy {
        case .report:
            #expect(try await life.recorder.end(of: task)?.kind == .userForceQuit)
        case .requeue:
            try await service.isRunning("\(id).2")
        }
    }

    @Test func cancelsWhatIsNobodys() async throws {
        // rule W5
        try await listeningToTheLog(.warning) { records in
            let (id, name) = try await leaveOneRunning()
            let strange = FakeURLSession(service).makeDownload(with: .init(url: URL(string: "https://example.com/b")!))
            strange.taskDescription = "somebody else's"
            strange.resume()
            let unknown = FakeURLSession(service).makeDownload(with: .init(url: URL(string: "https://example.com/c")!))
            unknown.taskDescription = "4711.1"
            unknown.resume()
            let life = try life()
            try await service.state.wait(for: "both to be cancelled") {
                Set($0.cancelled) == ["somebody else's", "4711.1"]
            }
            try await life.recorder.wait(for: "the delegate to hear of the one with a name") {
                $0.contains { $0.name == "cancelledUnknownTransfer" }
            }
            try await records.wait(for: "a line in the log") { $0.contains { $0.text.contains("none of ours") } }
            service.answer(name)
            service.finish(name, body)
            #expect(try await life.recorder.end(of: life.session.task(withIdentifier: id)) == nil)
        }
    }

    @Test func resumesWhatWasMadeAndNotStarted() async throws {
        // rule S7
        let (id, name) = try await leaveOneRunning()
        service.state.change { $0.task(name)!.become(.suspended) }
        let life = try life()
        try await service.isRunning(name)
        service.answer(name)
        service.finish(name, body)
        #expect(try await life.recorder.end(of: life.session.task(withIdentifier: id)) == nil)
    }

    @Test func completesAWakeBehindWhatTheSystemHasToTell() async throws {
        // rule S5, rule W4
        let (id, name) = try await leaveOneRunning()
        service.answer(name)
        service.finish(name, body)
        let completed = Watched(false)
        let life = try life()
        life.session.handleBackgroundEvents(WakeTicket(onMain: false) { completed.change { $0 = true } })
        try await completed.wait(for: "the wake's completion") { $0 }
        let order = life.recorder.events.map(\.name)
        #expect(order.last == "finishedEvents" && order.contains("completed"))
        #expect(life.recorder.order(of: id).last == "completed")
    }
}
