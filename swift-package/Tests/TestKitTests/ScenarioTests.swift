import BackhaulTestKit
import Foundation
import Testing

/// The stories that every language plays.
@Suite("Scenarios")
struct ScenarioTests {
    @Test(arguments: try scenarioFiles())
    func everyScenarioGoesAsItSaysAndAsInRust(_ file: URL) throws {
        // rule S7, rule S9, rule S10, rule S11, rule L6, rule P4, rule P8, rule W5, rule W6, rule W7
        let scenario = try Scenario(contentsOf: file)
        let played = try scenario.play()
        #expect(played.isRight, "\(played.report)")
        #expect(played.report.isEmpty)
        #expect(try scenario.playReference().log == played.log, "what this package asks of the library is not the same")
    }

    @Test func thereAreAllOfThem() throws {
        // rule S7
        #expect(try scenarioFiles().count >= 15)
    }

    @Test func theSameScenarioGivesTheSameLogAndAnotherSeedGivesAnother() throws {
        // rule S7
        func log(seed: Int) throws -> String { try Scenario(story(seed: seed)).play().log }
        #expect(try log(seed: 1) == log(seed: 1))
        #expect(try log(seed: 1) != log(seed: 2))
    }

    @Test func whatIsNotAsExpectedIsReportedWithItsPlace() throws {
        // rule E1
        let wrong = #"{"task": "alps", "is": "failed:tls"}"#
        let played = try Scenario(story(expecting: wrong, finally: #"{"task": "alps", "delivered": 2}"#)).play()
        #expect(!played.isRight)
        #expect(played.name == "alps")
        let lines = played.report.split(separator: "\n")
        try #require(lines.count == 2, "\(played.report)")
        #expect(lines[0].hasPrefix("step 3 (expect): expected that alps is failed:tls, but it is completed"))
        #expect(lines[1].hasPrefix("expect, number 1: expected that alps was delivered 2 times, but it was"))
    }

    @Test(arguments: [
        ("{", "line 1"),
        (#"{"name": "x", "steps": ["jump"]}"#, "line 1, column"),
        (#"{"name": "x", "steps": [{"advance": "2 hours"}]}"#, "line 1, column"),
        (#"{"name": "x", "steps": [{"suspend": "b"}]}"#, "step 1 (suspend)"),
        (#"{"name": "", "steps": []}"#, "the scenario"),
    ])
    func aMistakeIsATypedErrorWithItsPlace(_ json: String, _ place: String) throws {
        // rule C2
        let error = try thrown { try Scenario(json).play() }
        #expect(error.kind == .invalidRequest)
        #expect(error.reason.contains(place), "\(error.reason)")
    }

    @Test func aFileThatIsNotThereIsATypedError() throws {
        // rule E3
        let nowhere = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        let error = try thrown { try Scenario(contentsOf: nowhere) }
        #expect(error.kind == .file)
    }
}

/// One file, a minute, and what is expected then and at the end.
private func story(
    seed: Int = 0,
    expecting expected: String = #"{"task": "alps", "is": "completed"}"#,
    finally end: String = #"{"task": "alps", "delivered": 1}"#
) -> String {
    """
    {"name": "alps", "seed": \(seed), "session": {"discretionary": false}, "steps": [
        {"enqueue": {"task": "alps", "url": "https://maps.example/alps", "size": "4MiB"}},
        {"advance": "10m"},
        {"expect": \(expected)}
    ], "expect": [\(end)]}
    """
}

private func scenarioFiles() throws -> [URL] {
    let named = ProcessInfo.processInfo.environment["BACKHAUL_SCENARIOS"]
    let folder =
        named.map { URL(fileURLWithPath: $0, isDirectory: true) }
        ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../tests/scenarios", isDirectory: true).standardizedFileURL
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        .filter { $0.pathExtension == "json" }
        .sorted { $0.path < $1.path }
}
