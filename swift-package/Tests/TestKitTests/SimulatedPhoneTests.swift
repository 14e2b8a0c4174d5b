import BackhaulTestKit
import Foundation
import Testing

/// Stories of an app on the simulated phone, written in Swift.
@Suite("Simulated phone")
struct SimulatedPhoneTests {
    /// The app is killed in the middle, the network goes, the device starts again, the map changes meanwhile.
    private func badDay(_ profile: SimulatedPhone.Profile, seed: UInt64) throws -> String {
        let app = MapsApp()
        let phone = try app.onPhone(profile, seed: seed)
        let task = try phone.enqueueMap()
        phone.advance(by: .milliseconds(500))
        phone.setNetwork(.none)
        phone.advance(by: .minutes(5))
        #expect(phone.state(of: task, in: mapsSession) == .waiting(.connectivity))
        phone.kill()
        phone.setNetwork(.wifi)
        try phone.serve(mapURL, size: 5_000_000)
        phone.reboot()
        phone.setClock(by: .zero - .hours(3))
        try phone.setServer("maps.example", .status(503, retryAfter: .minutes(1)), times: 1)
        phone.open()
        let isHere = phone.advance(within: .hours(2)) { phone.fileVersion(of: task, in: mapsSession) != nil }
        #expect(isHere, "\(phone.story)")
        phone.advance(by: .minutes(10))
        #expect(phone.fileVersion(of: task, in: mapsSession) == 2)
        #expect(phone.state(of: task, in: mapsSession) == .completed)
        #expect(app.count(of: "completed") == 1)
        #expect(app.launchCount >= 2)
        #expect(phone.brokenPromises == [])
        return phone.log
    }

    @Test(arguments: SimulatedPhone.Profile.allCases)
    func aTaskSurvivesABadDayAndTheSameSeedGivesTheSameLog(_ profile: SimulatedPhone.Profile) throws {
        // rule S7, rule R9, rule P7
        #expect(try badDay(profile, seed: 11) == badDay(profile, seed: 11))
        #expect(try badDay(profile, seed: 11) != badDay(profile, seed: 12))
    }

    @Test(arguments: SimulatedPhone.Profile.allCases)
    func aDelegateThatThrowsIsToldAgainAtTheNextLaunch(_ profile: SimulatedPhone.Profile) throws {
        // rule D4
        struct NotNow: Error {}
        let app = MapsApp { app, told in
            if told.what == "file", app.count(of: "file") == 1 { throw NotNow() }
        }
        let phone = try app.onPhone(profile)
        let task = try phone.enqueueMap()
        phone.advance(by: .minutes(30))
        #expect(phone.fileVersion(of: task, in: mapsSession) == 1)
        #expect(app.count(of: "completed") == 0, "it is the last call, and the one before threw")
        phone.kill()
        phone.open()
        phone.advance(by: .minutes(1))
        #expect(app.count(of: "file") == 2)
        #expect(app.count(of: "completed") == 1)
        #expect(phone.brokenPromises == [])
    }

    @Test func theDelegateMayUseItsSessionAndThePhone() throws {
        // rule L2
        let app = MapsApp { app, told in
            guard told.what == "completed", app.count(of: "completed") == 1, let phone = app.phone else { return }
            var again = Request(url: mapURL)
            again.callerID = "again"
            try phone.maps.enqueue([again])
            phone.advance(by: .minutes(5))
            #expect(app.count(of: "completed") == 1, "one call at a time")
        }
        let phone = try app.onPhone()
        _ = try phone.enqueueMap()
        phone.advance(by: .minutes(10))
        #expect(app.count(of: "completed") == 2)
        #expect(phone.brokenPromises == [])
    }

    @Test func theDelegateMayEndItsOwnProcess() throws {
        // rule D4
        let app = MapsApp { app, told in
            if told.what == "completed", app.count(of: "completed") == 1 { app.phone?.losePower() }
        }
        let phone = try app.onPhone(.iOS)
        let task = try phone.enqueueMap()
        phone.advance(by: .minutes(30))
        phone.open()
        phone.advance(by: .minutes(5))
        #expect(app.told.filter { $0 == .init(task: task, what: "completed") }.count == 2)
        #expect(phone.brokenPromises == [])
    }

    @Test func whatRunsInTheBackgroundIsWokenAndTold() throws {
        // rule S10, rule W2
        let app = MapsApp()
        let phone = try app.onPhone(.iOS, seed: 3)
        let task = try phone.enqueueMap()
        phone.enterBackground()
        phone.advance(by: .milliseconds(100))
        phone.kill()
        #expect(phone.backgroundSessions == nil)
        phone.advance(by: .hours(8))
        #expect(phone.state(of: task, in: mapsSession) == .completed)
        #expect(app.count(of: "completed") == 1)
        #expect(phone.wakes >= 1)
        #expect(phone.brokenPromises == [])
    }

    @Test func aForceQuitIsReportedAndNothingWakesTheApp() throws {
        // rule W6
        let app = MapsApp()
        let phone = try app.onPhone(.iOS)
        try phone.serve(mapURL, size: 400_000_000)
        let task = try phone.enqueueMap()
        phone.advance(by: .seconds(1))
        phone.forceQuit()
        phone.advance(by: .days(1))
        #expect(app.launchCount == 1)
        phone.open()
        phone.advance(by: .minutes(1))
        #expect(app.told.last == .init(task: task, what: "failed:user_force_quit"))
        #expect(phone.brokenPromises == [])
    }

    @Test func aDeathBetweenAnyTwoActsLosesNothing() throws {
        // rule D4, rule S7
        for acts in 0..<40 {
            let app = MapsApp()
            let phone = try app.onPhone(.android, seed: 9)
            let task = try phone.enqueueMap()
            phone.kill(afterActs: acts)
            phone.advance(by: .minutes(10))
            phone.open()
            phone.advance(by: .minutes(10))
            #expect(phone.state(of: task, in: mapsSession) == .completed, "killed before act \(acts)")
            #expect(app.count(of: "completed") >= 1, "killed before act \(acts)")
            #expect(phone.brokenPromises == [])
        }
    }

    @Test func conditionsHoldTransfersBack() throws {
        // rule P1, rule P2
        let app = MapsApp()
        let phone = try app.onPhone()
        let task = try phone.enqueueMap()
        phone.advance(by: .milliseconds(300))
        #expect(phone.state(of: task, in: mapsSession) == .transferring)
        phone.conditions.thermalState = .critical
        phone.advance(by: .minutes(1))
        #expect(phone.state(of: task, in: mapsSession) == .waiting(.thermal))
        #expect(app.told.contains(.init(task: task, what: "waiting:thermal")))
        #expect(try phone.maps.task(withIdentifier: task).explain().task.state == .waiting(.thermal))
        phone.conditions.thermalState = .nominal
        phone.advance(by: .minutes(5))
        #expect(phone.state(of: task, in: mapsSession) == .completed)
    }

    @Test func handlesOfADeadProcessSaySo() throws {
        // rule E3
        let phone = try MapsApp().onPhone()
        let session = phone.maps
        phone.kill()
        let error = try thrown { try session.downloadTask(with: mapURL) }
        #expect(error.kind == .store)
        #expect(phone.session(withIdentifier: mapsSession) == nil)
    }
}
