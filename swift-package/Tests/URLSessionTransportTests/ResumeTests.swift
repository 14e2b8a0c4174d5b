import BackhaulTestSupport
import Foundation
import Testing

@testable import Backhaul

/// Resume data of the system's, from a stopped or failed transfer to the next attempt.
@Suite("Resume data of the system's")
struct ResumeTests {
    let fixture: Fixture
    let service = FakeService()
    let body = Data("0123456789abcdef".utf8)
    let data = Data("resume data".utf8)

    init() throws {
        fixture = try Fixture()
    }

    private func life(
        change: (inout SessionConfiguration<Background>) -> Void = { _ in }
    ) throws -> FakeLife {
        try FakeLife(fixture, service, change: change)
    }

    /// A transfer of which six bytes came, with these fields in the answer.
    private func begin(
        _ life: FakeLife,
        _ fields: [String: String] = ["ETag": "\"1\""],
        change: (inout Request) -> Void = { _ in }
    ) async throws -> DownloadTask {
        service.state.change { $0.resumeData = data }
        let (task, name) = try await life.start(change: change)
        service.answer(name, fields)
        service.write(name, 6, total: 6, of: 16)
        try await life.recorder.wait(for: "bytes") { $0.contains { $0.name == "progressed" } }
        return task
    }

    /// What the system does when it goes on.
    private func goOn(_ name: String, status: Int = 206, _ fields: [String: String]) {
        service.answer(name, status: status, fields)
        if status == 206 { service.happens(name) { $0.download($1, didResumeAt: 6, expectedTotal: 16) } }
        service.write(name, 10, total: 16, of: 16)
        service.finish(name, body)
    }

    private let range = ["Content-Range": "bytes 6-15/16", "Content-Length": "10", "ETag": "\"1\""]

    @Test func aStoppedTransferGoesOnOnce() async throws {
        // rule R2, rule L
        let life = try life()
        let task = try await begin(life)
        try task.suspend()
        #expect(try task.info.countOfBytesReceived == 6)
        try task.resume()
        let name = "\(task.id).2"
        try await service.isRunning(name)
        #expect(service.state.current.made.last == .init(description: name, resumedFrom: data))
        goOn(name, range)
        #expect(try await life.recorder.end(of: task) == nil)
        #expect(try Data(contentsOf: fixture.file("a")) == body)
        let resumed = life.recorder.events.compactMap { event -> Int64? in
            if case .resumed(_, let offset, _) = event { offset } else { nil }
        }
        #expect(resumed == [6])
        #expect(try await task.explain().countOfBytesDiscarded == 0)
        #expect(
            life.host.queue.sync { life.host.resumeData.take(forTask: task.id, url: "https://example.com/a") } == nil)
    }

    @Test func aFailedTransferGoesOn() async throws {
        // rule R8, rule H1
        let life = try life()
        let task = try await begin(life)
        let lost = NSError(
            domain: NSURLErrorDomain, code: NSURLErrorNetworkConnectionLost,
            userInfo: ["NSURLSessionDownloadTaskResumeData": data])
        service.fail("\(task.id).1", lost)
        try await service.isRunning("\(task.id).2")
        #expect(service.state.current.made.last?.resumedFrom == data)
        goOn("\(task.id).2", range)
        #expect(try await life.recorder.end(of: task) == nil)
    }

    @Test func itSurvivesTheProcess() async throws {
        // rule S7
        let id: Int64
        do {
            let life = try life()
            let task = try await begin(life)
            id = task.id
            try task.suspend()
        }
        let life = try life()
        let task = try life.session.task(withIdentifier: id)
        try task.resume()
        try await service.isRunning("\(id).2")
        #expect(service.state.current.made.last?.resumedFrom == data)
        goOn("\(id).2", range)
        #expect(try await life.recorder.end(of: task) == nil)
    }

    @Test func aWholeAnswerIsARestart() async throws {
        // rule R4, rule R7
        let life = try life()
        let task = try await begin(life)
        try task.suspend()
        try task.resume()
        try await service.isRunning("\(task.id).2")
        service.answer("\(task.id).2", ["ETag": "\"2\""])
        service.write("\(task.id).2", 16, total: 16, of: 16)
        service.finish("\(task.id).2", body)
        #expect(try await life.recorder.end(of: task) == nil)
        #expect(life.recorder.order(of: task.id).contains("restarted"))
        #expect(try await task.explain().countOfBytesDiscarded == 6)
    }

    @Test(arguments: [["ETag": "W/\"1\""], [:]])
    func withoutAStrongValidatorItIsNotUsed(fields: [String: String]) async throws {
        // rule R5
        let life = try life()
        let task = try await begin(life, fields)
        try task.suspend()
        try task.resume()
        try await service.isRunning("\(task.id).2")
        #expect(service.state.current.made.last == .init(description: "\(task.id).2", resumedFrom: nil))
        #expect(try await task.explain().countOfBytesDiscarded == 6)
    }

    @Test func theAppMayAllowAWeakOne() async throws {
        // rule R5
        let life = try life { $0.resumePolicy = .lenient }
        let task = try await begin(life, [:])
        try task.suspend()
        try task.resume()
        try await service.isRunning("\(task.id).2")
        #expect(service.state.current.made.last?.resumedFrom == data)
        goOn("\(task.id).2", ["Content-Range": "bytes 6-15/16"])
        #expect(try await life.recorder.end(of: task) == nil)
        for case .finished(_, let file) in life.recorder.events { #expect(file.isValidatorWeak) }
    }

    @Test(arguments: [
        // Not the whole of it.
        ["Content-Range": "bytes 6-15/20", "ETag": "\"1\""],
        // Which part it is, nobody says.
        ["ETag": "\"1\""],
        // Of which version, nobody says.
        ["Content-Range": "bytes 6-15/16"],
    ])
    func whatItMadeIsJudged(fields: [String: String]) async throws {
        // rule R9, rule R3
        let life = try life()
        let task = try await begin(life)
        try task.suspend()
        try task.resume()
        try await service.isRunning("\(task.id).2")
        goOn("\(task.id).2", fields)
        try await service.isRunning("\(task.id).3")
        #expect(!fixture.isThere("a"))
        #expect(service.state.current.made.last?.resumedFrom == nil)
        service.answer("\(task.id).3")
        service.finish("\(task.id).3", body)
        #expect(try await life.recorder.end(of: task) == nil)
    }

    @Test func aCancelledTaskLeavesNone() async throws {
        // rule L4, rule D8
        let life = try life()
        let task = try await begin(life)
        try task.cancel()
        #expect(try await life.recorder.end(of: task)?.kind == .cancelled)
        let folder = life.host.resumeData.folder.path
        #expect(try life.host.queue.sync { try FileManager.default.contentsOfDirectory(atPath: folder) } == [])
    }
}
