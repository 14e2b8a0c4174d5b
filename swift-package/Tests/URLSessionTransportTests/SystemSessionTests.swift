import BackhaulTestSupport
import Foundation
import Testing

import struct BackhaulGenerated.TransferId

@testable import Backhaul

/// Whole sessions over the system's `URLSession`, with real transfers. Elsewhere than on Apple's platforms they end with
/// the process, and the answer is known only when the body is over.
@Suite("Sessions over URLSession")
struct SystemSessionTests {
    let fixture: Fixture
    let recorder = Recorder()

    init() throws {
        fixture = try Fixture(objects: ["a": 3_000_000, "b": 10, "empty": 0])
    }

    @Test func filesArrive() async throws {
        // rule S6, rule L1
        let rig = try Rig(fixture, recorder)
        for name in ["a", "b", "empty"] {
            let (task, error) = try await rig.run(fixture.request(name))
            #expect(error == nil)
            #expect(try await fixture.hasArrived(name))
            let order = recorder.order(of: task.id).filter { !["progressed", "responded"].contains($0) }
            #expect(order == ["created", "collectedMetrics", "finished", "completed"])
        }
        #expect(fixture.leftovers.isEmpty)
        #expect(rig.kept.isEmpty, "nothing is kept of what is on record")
    }

    @Test func theServiceIsChosenInTheConfiguration() async throws {
        // rule S2, rule S8
        var configuration = fixture.foreground()
        configuration.transferService = .system
        let session = try Session(configuration: configuration)
        _ = try await session.download(from: fixture.request("a"))
        #expect(try await fixture.hasArrived("a"))

        var inBackground = try fixture.background("com.example.\(fixture.container.lastPathComponent)")
        inBackground.transferService = .system
        let other = try Session(configuration: inBackground, delegate: recorder)
        let task = try other.downloadTask(with: fixture.request("b"))
        try task.resume()
        #expect(try await recorder.end(of: task) == nil)
    }

    @Test func progressIsToldWhileBytesCome() async throws {
        // rule E2
        let rig = try Rig(fixture, recorder)
        let (_, error) = try await rig.run(fixture.request("a", "rate=6000000"))
        #expect(error == nil)
        var written: Int64 = 0
        var received: [Int64] = []
        for case .progressed(_, let progress) in recorder.events {
            #expect(progress.countOfBytesExpectedToReceive == 3_000_000)
            written += progress.countOfBytesWritten
            received.append(progress.countOfBytesReceived)
        }
        #expect(written == 3_000_000 && received.last == 3_000_000)
        #expect(received == received.sorted() && received.count >= 3)
    }

    @Test func whatTheServerRefusesIsAFailureAndNeverAFile() async throws {
        // rule H5
        let rig = try Rig(fixture, recorder)
        let (task, error) = try await rig.run(fixture.request("a", "fault=status&status=404"))
        #expect(error?.kind == .httpStatus)
        #expect(error?.isRetryable == false)
        #expect(error?.response?.statusCode == 404)
        #expect(error?.response?.body.isEmpty == false)
        #expect(!fixture.isThere("a") && fixture.leftovers.isEmpty && rig.kept.isEmpty)
        #expect(!recorder.order(of: task.id).contains("responded"))
    }

    @Test(arguments: [("chunked", false), ("close-delimited", true)])
    func anEndThatOnlyTheConnectionTellsIsSaid(fault: String, isDoubted: Bool) async throws {
        // rule R8
        let rig = try Rig(fixture, recorder)
        #expect(try await rig.run(fixture.request("b", "fault=\(fault)")).1 == nil)
        let files = recorder.events.compactMap { event in
            if case .finished(_, let file) = event { file } else { nil }
        }
        #expect(files.map(\.isLengthUnverified) == [isDoubted])
    }

    @Test func aSessionIsMadeAgainInOneProcess() async throws {
        // rule S7, rule C1
        let id: Int64
        do {
            let rig = try Rig(fixture)
            let task = try rig.session.downloadTask(with: fixture.request("a", "fault=stall&bytes=100000"))
            id = task.id
            try task.resume()
            try await rig.recorder.wait(for: "bytes") { $0.contains { $0.name == "progressed" } }
            try task.suspend()
        }
        let rig = try Rig(fixture, recorder)
        let (task, error) = try await rig.run(fixture.request("b"))
        #expect(error == nil && task.id != id)
        #expect(try rig.session.task(withIdentifier: id).info.state == .suspended)
    }

    @Test func anyStatusIsAFileIfTheAppSaysSo() async throws {
        // rule H5
        let rig = try Rig(fixture, recorder) { $0.statusPolicy = .any }
        let (_, error) = try await rig.run(fixture.request("a", "fault=error-body&status=404&bytes=100"))
        #expect(error == nil)
        #expect(try Data(contentsOf: fixture.file("a")).count == 100)
    }

    @Test(arguments: ["truncate&bytes=1000", "reset-after&bytes=70000", "close-before-headers", "status&status=503"])
    func whatBrokeIsTriedAgain(fault: String) async throws {
        // rule H1, rule R8
        try await fixture.server.replace("a", size: 200_000, seed: 7, fault: "fault=\(fault)")
        let rig = try Rig(fixture, recorder)
        let (task, error) = try await rig.run(fixture.request("a"))
        #expect(error == nil)
        #expect(try await fixture.hasArrived("a"))
        #expect(try await task.explain().attemptCount == 2)
        #expect(recorder.order(of: task.id).contains("waiting"))
        #expect(rig.kept.isEmpty)
    }

    @Test func sizeAndDigestAreJudged() async throws {
        // rule H6, rule T5
        let rig = try Rig(fixture, recorder)
        var right = fixture.request("a")
        right.expectedSize = 3_000_000
        right.expectedDigest = .sha256("fea916e7d763c852a4a8e68ca82909592e34a89a5c81430de42bf75d1aa5d0c2")
        var wrongSize = fixture.request("b")
        wrongSize.expectedSize = 11
        var wrongDigest = fixture.request("b")
        wrongDigest.expectedDigest = .sha256(String(repeating: "0", count: 64))
        #expect(try await rig.run(right).1 == nil)
        #expect(try await rig.run(wrongSize).1?.kind == .sizeMismatch)
        #expect(try await rig.run(wrongDigest).1?.kind == .digestMismatch)
        #expect(try await fixture.hasArrived("a"))
        #expect(!fixture.isThere("b") && fixture.leftovers.isEmpty && rig.kept.isEmpty)
    }

    @Test func aCancelledTaskLeavesNothing() async throws {
        // rule L4
        let rig = try Rig(fixture, recorder)
        let task = try rig.session.downloadTask(with: fixture.request("a", "fault=stall&bytes=100000"))
        try task.resume()
        try await recorder.wait(for: "bytes") { $0.contains { $0.name == "progressed" } }
        try task.cancel()
        #expect(try await recorder.end(of: task)?.kind == .cancelled)
        #expect(!fixture.isThere("a") && fixture.leftovers.isEmpty && rig.kept.isEmpty)
    }

    @Test func aPausedTaskGoesOnAndWhatItLostIsCounted() async throws {
        // rule L, rule R7
        try await fixture.server.replace("a", size: 200_000, seed: 7, fault: "fault=stall&bytes=100000")
        let rig = try Rig(fixture, recorder)
        let task = try rig.session.downloadTask(with: fixture.request("a"))
        try task.resume()
        try await recorder.wait(for: "bytes") { $0.contains { $0.name == "progressed" } }
        try task.suspend()
        #expect(try task.info.state == .suspended)
        try task.resume()
        #expect(try await recorder.end(of: task) == nil)
        #expect(try await fixture.hasArrived("a"))
        #if canImport(FoundationNetworking)
            // It gives no resume data.
            #expect(try await task.explain().countOfBytesDiscarded > 0)
            #expect(recorder.order(of: task.id).contains("restarted"))
        #endif
    }

    @Test func manyFilesArrive() async throws {
        // rule P9
        try await fixture.server.replace("small", size: 100, seed: 3)
        let rig = try Rig(fixture, recorder)
        let requests = (0..<200).map { number in
            var request = fixture.request("small")
            request.destination = .container("small/\(number)")
            return request
        }
        for task in try await rig.session.enqueue(requests) {
            #expect(try await recorder.end(of: task) == nil)
        }
        let expected = try await fixture.server.content(of: "small")
        for number in 0..<200 {
            #expect(try Data(contentsOf: fixture.file("small/\(number)")) == expected)
        }
        #expect(rig.kept.isEmpty)
    }

    @Test func aProcessThatDiesBeforeTheRecordLosesNothing() async throws {
        // rule D2, rule S7
        let request = fixture.request("b", "fault=status&status=500")
        let id: Int64
        let staging: StagingFolder
        do {
            let rig = try Rig(fixture)
            let task = try rig.session.downloadTask(with: request)
            (id, staging) = (task.id, rig.host.staging)
        }
        // As the process before leaves it that has received the file and dies: the core knows nothing of it. A session
        // that is just starting would look through the folder meanwhile.
        let file = fixture.container.appendingPathComponent("from the system")
        try Data("received".utf8).write(to: file)
        let url = request.url.absoluteString
        let record = StagedTransfer(requestURL: url, length: 8, response: .ok(url), metrics: .none)
        try staging.keep(file, for: TransferId(task: id, attempt: 1), as: record)
        let rig = try Rig(fixture, recorder)
        let task = try rig.session.task(withIdentifier: id)
        try task.resume()
        #expect(try await recorder.end(of: task) == nil, "the server was not asked: it has nothing but errors")
        #expect(try Data(contentsOf: fixture.file("b")) == Data("received".utf8))
        #expect(rig.kept.isEmpty)
    }

    @Test func aSessionThatEndedReleasesItsURLSession() async throws {
        // rule C3
        let released = Watched(false)
        do {
            let rig = try Rig(fixture, recorder)
            watch(rig.host, released)
            #expect(try await rig.run(fixture.request("b")).1 == nil)
            rig.session.finishTasksAndInvalidate()
            try await recorder.invalid()
        }
        try await released.wait(for: "the host to be released") { $0 }
    }

    #if canImport(FoundationNetworking)
        @Test func whatTheSystemCannotJudgeHereIsRefusedAtOnce() throws {
            // rule C2, rule T6
            var configuration = fixture.foreground()
            configuration.transferService = .system
            configuration.rootCertificates = ["-----BEGIN CERTIFICATE-----"]
            #expect {
                try Session(configuration: configuration)
            } throws: {
                ($0 as? BackhaulError)?.kind == .invalidRequest
            }
        }
    #endif
}
