import Backhaul
import BackhaulTestSupport
import Foundation
import Testing

/// Cancelling, and going on from what another task had (rule L4).
@Suite("Resume data")
struct ResumeDataTests {
    let fixture: Fixture
    let recorder = Recorder()

    init() throws {
        fixture = try Fixture(objects: ["a": 400_000])
    }

    /// Downloads 150,000 bytes of `a`, and cancels.
    private func cancelled(in session: Session) async throws -> ResumeData? {
        let task = try session.downloadTask(with: fixture.request("a", "fault=stall&bytes=150000"))
        try task.resume()
        try await recorder.wait(for: "150,000 bytes") { events in
            events.contains { event in
                guard case .progressed(_, let progress) = event else { return false }
                return progress.countOfBytesReceived == 150_000
            }
        }
        let data = try await task.cancelByProducingResumeData()
        #expect(try await recorder.end(of: task)?.isCancelled == true)
        return data
    }

    @Test func anotherTaskGoesOnFromIt() async throws {
        // rule L4
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        let data = try #require(try await cancelled(in: session))
        let kept = try JSONDecoder().decode(ResumeData.self, from: JSONEncoder().encode(data))
        let task = try session.downloadTask(withResumeData: kept)
        #expect(try task.info.state == .suspended)
        try task.resume()
        try await recorder.wait(for: "the transfer to go on") { events in
            events.contains { event in
                guard case .resumed(let info, let offset, _) = event else { return false }
                return info.id == task.id && offset == 150_000
            }
        }
    }

    @Test func resumeDataFromElsewhereIsATypedError() async throws {
        // rule L4, rule E3
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        let data = try #require(try await cancelled(in: session))
        let elsewhere = try Fixture()
        let stranger = try Session(configuration: elsewhere.background(), delegate: Recorder())
        for foreign in [data, ResumeData(rawValue: "from URLSession"), ResumeData(rawValue: "")] {
            let error = try failure { try stranger.downloadTask(withResumeData: foreign) }
            #expect(error?.kind == .invalidResumeData)
        }
        #expect(try stranger.tasks().isEmpty)
    }

    @Test func withoutBytesThereIsNone() async throws {
        // rule L4
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        let task = try session.downloadTask(with: fixture.request("a"))
        #expect(try await task.cancelByProducingResumeData() == nil)
        #expect(try await recorder.end(of: task)?.kind == .cancelled)
        try task.cancel()
        #expect(recorder.events.filter { $0.name == "completed" }.count == 1, "cancelling twice is once")
    }

    @Test func aCancelledTaskLeavesNothing() async throws {
        // rule L4
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        let task = try session.downloadTask(with: fixture.request("a", "fault=stall&bytes=150000"))
        try task.resume()
        try await recorder.wait(for: "bytes") { $0.contains { $0.name == "progressed" } }
        try task.cancel()
        #expect(try await eventualFailure { try await task.value }?.kind == .cancelled)
        #expect(fixture.leftovers.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: fixture.file("a").path))
    }
}
