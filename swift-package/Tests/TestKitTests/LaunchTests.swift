import BackhaulTestKit
import Foundation
import Testing

/// What an app does at its launch, and what can go wrong in it.
@Suite("Launches on the simulated phone")
struct LaunchTests {
    /// An app whose launch is made of closures.
    struct App: SimulatedApp {
        var identifiers: @Sendable () throws -> [String] = { [mapsSession] }
        var make: @Sendable (String) throws -> SessionLaunch? = { _ in nil }
        var launched: @Sendable (BackgroundSessions) throws -> Void = { _ in }

        var sessionIdentifiers: [String] { get throws { try identifiers() } }
        func makeSession(withIdentifier identifier: String) throws -> SessionLaunch? { try make(identifier) }
        func didLaunch(_ sessions: BackgroundSessions) throws { try launched(sessions) }
    }

    struct Failure: Error, CustomStringConvertible {
        let description = "thrown by the test"
    }

    @Test func aSessionThatCannotBeMadeIsHeard() throws {
        // rule W5
        let phone = try SimulatedPhone(app: App(make: { _ in throw Failure() }))
        phone.open()
        #expect(phone.session(withIdentifier: mapsSession) == nil)
        let failed = try #require(phone.backgroundSessions).failedSessions
        #expect(failed.map(\.identifier) == [mapsSession])
        #expect(failed.first?.error.kind == .system)
        #expect(failed.first?.error.reason == "thrown by the test")
        #expect(phone.story.contains("thrown by the test"))
    }

    @Test func anAppThatThrowsAtItsLaunchIsHeard() throws {
        // rule W5
        let noIdentifiers = try SimulatedPhone(app: App(identifiers: { throw Failure() }))
        noIdentifiers.open()
        #expect(noIdentifiers.story.contains("the app failed at its launch: thrown by the test"))
        let noLaunch = try SimulatedPhone(app: App(launched: { _ in throw Failure() }))
        noLaunch.open()
        #expect(noLaunch.story.contains("the app failed at its launch: thrown by the test"))
        #expect(noLaunch.backgroundSessions != nil)
    }

    @Test func theAppMayOpenSessionsAndAskForFilesAtItsLaunch() throws {
        // rule W5, rule S7
        let delegate = MapsApp()
        let app = App(
            identifiers: { [] },
            launched: { sessions in
                guard let launch = try delegate.makeSession(withIdentifier: mapsSession) else { return }
                var request = Request(url: mapURL)
                request.callerID = "alps"
                try sessions.open(launch).enqueue([request])
            }
        )
        let phone = try SimulatedPhone(.watch, app: app)
        try phone.serve(mapURL, size: 1_000_000)
        phone.open()
        phone.kill()
        phone.open()
        phone.advance(by: .minutes(10))
        #expect(delegate.count(of: "completed") == 1, "the same caller id is the same task")
        #expect(phone.brokenPromises == [])
    }

    @Test func anIdentifierThatTheAppForgotIsUnknownAndNothingOfItIsLost() throws {
        // rule W5
        let delegate = MapsApp()
        let knows = Switch(true)
        let app = App(make: { knows.isOn ? try delegate.makeSession(withIdentifier: $0) : nil })
        let phone = try SimulatedPhone(.android, app: app)
        try phone.serve(mapURL, size: 1_000_000)
        phone.open()
        let task = try phone.enqueueMap()
        phone.kill()
        knows.isOn = false
        phone.open()
        #expect(phone.backgroundSessions?.unknownSessions == [mapsSession])
        phone.kill()
        knows.isOn = true
        phone.open()
        phone.advance(by: .minutes(10))
        #expect(phone.state(of: task, in: mapsSession) == .completed)
    }

    @Test(arguments: [
        (#"{"disk": {"free": "ten"}}"#, "line 1"),
        (#"{"power": {"charging": true, "battery_percent": 101}}"#, "power"),
        (#"{"suspend": "alps"}"#, "`suspend` is not for the phone"),
        ("reboot", "line 1"),
    ])
    func aStepThatIsWrongIsATypedErrorWithItsPlace(_ step: String, _ place: String) throws {
        // rule C2
        let phone = try SimulatedPhone(app: App())
        let error = try thrown { try phone.perform(step) }
        #expect(error.kind == .invalidRequest)
        #expect(error.reason.hasPrefix(place), "\(error.reason)")
    }

    @Test func objectsAndFaultsThatCannotBeAreTypedErrors() throws {
        // rule C2
        let phone = try SimulatedPhone(app: App())
        let noURL = try thrown { try phone.serve(URL(string: "alps")!, size: 1) }
        #expect(noURL.kind == .invalidRequest)
        let noFault = try thrown { try phone.setServer("maps.example", .status(200)) }
        #expect(noFault.kind == .invalidRequest)
    }

    @Test func aStepOfTheScenariosHappensToThePhone() throws {
        // rule D9
        let phone = try MapsApp().onPhone()
        try phone.perform(#"{"disk": {"free": "1MiB"}}"#)
        let task = try phone.enqueueMap()
        phone.advance(by: .minutes(1))
        #expect(phone.state(of: task, in: mapsSession) == .waiting(.storage))
        try phone.perform(#"{"disk": {"free": "1GiB"}}"#)
        phone.advance(by: .hours(1))
        #expect(phone.state(of: task, in: mapsSession) == .completed)
    }
}

/// On or off, for closures that may run anywhere.
private final class Switch: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Bool

    init(_ isOn: Bool) { value = isOn }

    var isOn: Bool {
        get { lock.withLock { value } }
        set { lock.withLock { value = newValue } }
    }
}
