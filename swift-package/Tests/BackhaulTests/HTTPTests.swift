import Backhaul
import BackhaulTestSupport
import Foundation
import Testing

/// Redirects, statuses, digests and certificates (sections H and T of the contract).
@Suite("What servers answer")
struct HTTPTests {
    let recorder = Recorder()

    @Test func aForegroundDelegateIsAskedAboutRedirects() async throws {
        // rule H3
        let fixture = try Fixture(objects: ["a": 1000])
        let session = try Session(configuration: fixture.foreground(), delegate: recorder)
        let file = try await session.download(from: fixture.request("a", "fault=redirect-to-target"))
        #expect(file.response?.url?.path == "/t/a" && file.length == 1000)

        let refusing = Recorder(followsRedirects: false)
        let strict = try Session(configuration: fixture.foreground(), delegate: refusing)
        var request = fixture.request("a", "fault=redirect-to-target")
        request.destination = .container("b")
        let error = try await eventualFailure { try await strict.download(from: request) }
        #expect(error?.kind == .httpStatus && error?.response?.statusCode == 302)
        #expect(error?.response?.value(forHTTPHeaderField: "location")?.hasSuffix("/t/a") == true)
    }

    @Test func anAnswerThatIsNoSuccessIsAFailureWithItsBody() async throws {
        // rule H5
        let fixture = try Fixture(objects: ["a": 1000])
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        let task = try session.downloadTask(with: fixture.request("a", "fault=error-body&status=404&bytes=200000"))
        try task.resume()
        let error = try #require(try await recorder.end(of: task))
        #expect(error.kind == .httpStatus && !error.isRetryable)
        #expect(error.response?.statusCode == 404 && error.response?.body.count == 64 * 1024)
        #expect(!FileManager.default.fileExists(atPath: fixture.file("a").path))
        #expect(try await eventualFailure { try await task.value } == error, "whoever waits later is told the same")
    }

    @Test func anAnswerThatIsNoSuccessCanBeTheFile() async throws {
        // rule H5
        let fixture = try Fixture(objects: ["a": 1000])
        var configuration = fixture.foreground()
        configuration.statusPolicy = .any
        let session = try Session(configuration: configuration)
        let file = try await session.download(from: fixture.request("a", "fault=error-body&status=404&bytes=100"))
        #expect(file.length == 100 && file.response?.statusCode == 404)
    }

    @Test func aFileWithAnotherDigestIsNoFile() async throws {
        // rule H6
        let fixture = try Fixture(objects: ["a": 1000])
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        var request = fixture.request("a")
        request.expectedDigest = .sha256(String(repeating: "0", count: 64))
        let task = try session.downloadTask(with: request)
        try task.resume()
        #expect(try await recorder.end(of: task)?.kind == .digestMismatch)
        #expect(!FileManager.default.fileExists(atPath: fixture.file("a").path))
    }

    @Test func aChangedObjectIsNeverSpliced() async throws {
        // rule R9, rule R7
        let fixture = try Fixture(objects: ["a": 400_000])
        let isPaused = Watched(false)
        let recorder = Recorder { session, event in
            guard case .progressed(let task, _) = event, !isPaused.current else { return }
            try session.task(withIdentifier: task.id).suspend()
            isPaused.change { $0 = true }
        }
        let session = try Session(configuration: fixture.background(), delegate: recorder)
        let task = try session.downloadTask(with: fixture.request("a", "rate=400000"))
        try task.resume()
        try await isPaused.wait(for: "the pause") { $0 }
        #expect(try task.info.state == .suspended)
        try await fixture.server.replace("a", size: 400_000, seed: 2)
        try task.resume()
        #expect(try await recorder.end(of: task) == nil)
        #expect(try await fixture.hasArrived("a"))
        let restarts = recorder.events.compactMap { event -> RestartReason? in
            guard case .restarted(_, let reason, _) = event else { return nil }
            return reason
        }
        #expect(restarts == [.objectChanged])
    }

    /// Says the same of every chain, and remembers who was judged.
    private final class Judge: TrustEvaluator {
        let verdict: @Sendable () throws -> TrustVerdict
        let hosts = Watched<[String]>([])
        let chains = Watched<[Int]>([])

        init(_ verdict: @escaping @Sendable () throws -> TrustVerdict) {
            self.verdict = verdict
        }

        func evaluate(host: String, chain: [Data]) throws -> TrustVerdict {
            hosts.change { $0.append(host) }
            chains.change { $0.append(chain.count) }
            return try verdict()
        }
    }

    @Test func anEvaluatorsNoIsFinal() async throws {
        // rule T6
        struct Broken: Error {}
        let fixture = try Fixture(tls: true, objects: ["a": 1000])
        let refusals: [@Sendable () throws -> TrustVerdict] = [{ .refused("not pinned") }, { throw Broken() }]
        for verdict in refusals {
            let judge = Judge(verdict)
            var configuration = fixture.foreground()
            configuration.trustEvaluator = judge
            let session = try Session(configuration: configuration)
            let error = try await eventualFailure { try await session.download(from: fixture.request("a")) }
            #expect(error?.kind == .tls)
            #expect(judge.hosts.current == ["127.0.0.1"])
            #expect(judge.chains.current.allSatisfy { $0 >= 1 })
        }
    }

    @Test func anEvaluatorsYesStandsInForThePlatform() async throws {
        // rule T6
        let fixture = try Fixture(tls: true, objects: ["a": 1000])
        var configuration = fixture.foreground()
        configuration.rootCertificates = []
        let plain = try Session(configuration: configuration)
        let error = try await eventualFailure { try await plain.download(from: fixture.request("a")) }
        #expect(error?.kind == .tls, "nobody vouches for the test's authority")
        configuration.trustEvaluator = Judge { .trusted }
        let session = try Session(configuration: configuration)
        #expect(try await session.download(from: fixture.request("a")).length == 1000)
    }
}
