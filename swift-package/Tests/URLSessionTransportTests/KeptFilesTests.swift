import BackhaulGenerated
import BackhaulTestSupport
import Foundation
import Testing

@testable import Backhaul

/// The folders between the system and the destinations.
@Suite("Kept files")
struct KeptFilesTests {
    let folder: URL
    private let fixture: Fixture

    init() throws {
        fixture = try Fixture()
        folder = fixture.container
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
    }

    private func file(_ text: String) throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data(text.utf8).write(to: url)
        return url
    }

    private func record(_ length: UInt64) -> StagedTransfer {
        StagedTransfer(
            requestURL: "https://example.com/a", length: length,
            response: .ok("https://example.com/b", ["ETag": "\"1\""]), metrics: .none)
    }

    private func id(_ task: Int64, _ attempt: UInt32 = 1) -> TransferId {
        TransferId(task: task, attempt: attempt)
    }

    // MARK: - Received files

    @Test func aReceivedFileIsKeptUntilItIsRemoved() throws {
        // rule D2
        let staging = try StagingFolder(folder)
        let received = try file("four")
        try staging.keep(received, for: id(7, 3), as: record(4))
        #expect(!FileManager.default.fileExists(atPath: received.path))
        #expect(staging.kept == [id(7, 3): record(4)])
        #expect(staging.kept(forTask: 7)?.0 == id(7, 3) && staging.kept(forTask: 70) == nil)

        let name = staging.handOut(id(7, 3), as: id(7, 4))
        #expect(try Data(contentsOf: name) == Data("four".utf8))
        try FileManager.default.removeItem(at: name)
        #expect(staging.kept.count == 1, "what the core takes is a name of it")
        staging.remove(task: 7)
        #expect(try names == [])
    }

    @Test func whatAnEarlierProcessLeftHalfwayIsRemoved() throws {
        // rule D8
        let staging = try StagingFolder(folder)
        try staging.keep(file("four"), for: id(1), as: record(4))
        try staging.keep(file("five."), for: id(2), as: record(4))
        for name in ["3.1.json", "4.1.body", "5.1.out", "6.1.json.tmp", "7.1.body.copy", "else"] {
            try Data("{}".utf8).write(to: folder.appendingPathComponent(name))
        }
        staging.removeRemains()
        #expect(try names == ["1.1.body", "1.1.json"])
    }

    @Test func aRecordSurvivesAndIsForTheAppAlone() throws {
        // rule T3
        let staging = try StagingFolder(folder)
        try staging.keep(file("four"), for: id(1), as: record(4))
        let back = try #require(staging.kept(forTask: 1)?.1)
        #expect(back.response == .ok("https://example.com/b", ["ETag": "\"1\""]))
        for name in try names {
            let path = folder.appendingPathComponent(name).path
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
            #expect(mode?.uint16Value == 0o600, "\(name)")
        }
    }

    @Test func aFileThatIsGoneIsAnErrorAndLeavesNothing() throws {
        // rule D2
        let staging = try StagingFolder(folder)
        let nowhere = folder.appendingPathComponent("nowhere/x")
        #expect(throws: (any Error).self) { try staging.keep(nowhere, for: id(1), as: record(4)) }
        #expect(try names == [])
    }

    // MARK: - Resume data

    private func saved(_ url: String, _ text: String = "data") -> ResumeDataStore.Saved {
        .init(url: url, received: 6, isStrong: true, data: Data(text.utf8))
    }

    @Test func resumeDataIsGoodForOneStartOfTheSameURL() throws {
        // rule R2
        let store = try ResumeDataStore(folder)
        store.save(saved("https://example.com/a"), forTask: 1)
        #expect(store.take(forTask: 1, url: "https://example.com/a") == saved("https://example.com/a"))
        #expect(store.take(forTask: 1, url: "https://example.com/a") == nil)
        store.save(saved("https://example.com/a"), forTask: 1)
        #expect(store.take(forTask: 1, url: "https://example.com/b") == nil)
        #expect(try names == [])
    }

    @Test func damagedResumeDataIsNone() throws {
        // rule T7
        let store = try ResumeDataStore(folder)
        try Data("not it".utf8).write(to: folder.appendingPathComponent("1.resume"))
        #expect(store.take(forTask: 1, url: "") == nil)
        #expect(try names == [])
    }

    @Test func noMoreIsKeptThanASessionCanUse() throws {
        // rule D8
        let store = try ResumeDataStore(folder)
        for task in 1...Int64(ResumeDataStore.limit + 5) { store.save(saved("u"), forTask: task) }
        #expect(try names.count == ResumeDataStore.limit)
        #expect(store.take(forTask: Int64(ResumeDataStore.limit + 5), url: "u") != nil, "the newest stay")
    }
}
