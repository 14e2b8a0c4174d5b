import Backhaul
import BackhaulTestSupport
import Foundation
import Testing

/// When transfers run, decided by the app (section P), and the log (rule E4).
@Suite("The app's own policy, and the log")
struct PolicyTests {
    let fixture: Fixture
    let recorder = Recorder()

    init() throws {
        fixture = try Fixture(objects: ["a": 10])
    }

    /// Maps need a charger; everything else is the standard policy's to decide.
    private struct ChargerForMaps: DeferralPolicy {
        func requirements(for task: TaskFacts) throws -> Requirements {
            var requirements = StandardPolicy().requirements(for: task)
            if task.group == "maps" { requirements.needs.insert(.ease) }
            return requirements
        }
    }

    @Test func aPolicyThatDiffersInOnePoint() async throws {
        // rule P1
        var configuration = try fixture.background()
        configuration.deferralPolicy = ChargerForMaps()
        var conditions = SystemConditions()
        conditions.isCharging = false
        configuration.conditions = conditions
        let session = try Session(configuration: configuration, delegate: recorder)
        var request = fixture.request("a")
        request.group = "maps"
        let task = try session.downloadTask(with: request)
        try task.resume()
        #expect(try await task.explain().reason == .discretionary)
        conditions.isCharging = true
        session.setConditions(conditions)
        #expect(try await recorder.end(of: task) == nil)
    }

    private struct Broken: DeferralPolicy {
        struct Thrown: Error {}
        func requirements(for task: TaskFacts) throws -> Requirements { throw Thrown() }
        func unmetNeeds(in conditions: SystemConditions) throws -> Needs { throw Thrown() }
    }

    @Test func whereAPolicyThrowsTheStandardOneDecides() async throws {
        // rule P1
        var configuration = try fixture.background()
        configuration.deferralPolicy = Broken()
        let session = try Session(configuration: configuration, delegate: recorder)
        let task = try session.downloadTask(with: fixture.request("a"))
        try task.resume()
        #expect(try await recorder.end(of: task) == nil)
    }

    @Test func theNumbersOfNeedsAreTheLibrarys() {
        // rule P1
        let unmet = { (change: (inout SystemConditions) -> Void) in
            var conditions = SystemConditions()
            change(&conditions)
            return StandardPolicy().unmetNeeds(in: conditions)
        }
        #expect(unmet { _ in }.isEmpty)
        #expect(unmet { $0.network = .none }.contains(.network))
        #expect(unmet { $0.network = .cellular }.contains(.notCellular))
        #expect(unmet { $0.isExpensive = true }.contains(.notExpensive))
        #expect(unmet { $0.isConstrained = true }.contains(.notConstrained))
        #expect(unmet { $0.isLowPowerModeEnabled = true }.contains(.notLowPower))
        #expect(unmet { $0.thermalState = .serious }.contains(.notWarm))
        #expect(unmet { $0.thermalState = .critical }.contains(.notHot))
        #expect(unmet { $0.isStorageLow = true }.contains(.room))
        #expect(unmet { $0.isProtectedDataAvailable = false }.contains(.unlocked))
        let away = unmet { $0.isCharging = false }
        #expect(away.contains(.ease) && !away.contains(.easeHalf))
    }

    @Test func aWatchHoldsWhatIsTooLargeForItsWakes() async throws {
        // rule P8
        var configuration = try SessionConfiguration.watch(withIdentifier: "com.example.watch")
        configuration.container = fixture.container
        configuration.transferService = .builtIn
        configuration.plainHTTPHosts = ["127.0.0.1"]
        configuration.watchBudget = WatchBudget(smallTransferLimit: 5, largeTransfers: .refuse)
        let session = try Session(configuration: configuration, delegate: recorder)
        var request = fixture.request("a", "fault=stall&bytes=2")
        request.expectedSize = 10
        let refused = try failure { try session.downloadTask(with: request) }
        #expect(refused?.kind == .tooLargeForWatch, "a length that is known refuses at once")
        request.expectedSize = nil
        let task = try session.downloadTask(with: request)
        try task.resume()
        #expect(try await recorder.end(of: task)?.kind == .tooLargeForWatch)
    }

    @Test func theLogHoldsNoSecrets() async throws {
        // rule E4
        try await listeningToTheLog(.debug) { records in
            let session = try Session(configuration: fixture.background(), delegate: recorder)
            var request = Request(url: fixture.server.url("a", "token=SECRET&fault=close-before-headers"))
            request.destination = .container("a")
            let task = try session.downloadTask(with: request)
            try task.resume()
            try await recorder.wait(for: "the attempt to fail") { $0.contains { $0.name == "waiting" } }
            let attempt = try #require(try await task.explain().attempts.first)
            #expect(!attempt.outcome.contains("SECRET"))
            let seen = try await records.wait(for: "the log to speak") { !$0.isEmpty }
            #expect(seen.allSatisfy { $0.target.hasPrefix("backhaul") && !$0.text.contains("SECRET") })
        }
    }
}
