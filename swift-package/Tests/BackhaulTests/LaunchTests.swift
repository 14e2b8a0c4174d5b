import Backhaul
import BackhaulTestSupport
import Foundation
import Testing

/// The one call of every launch, and the wakes that the platform lends (rules W3, W5, P6).
@Suite("Launches and wakes")
struct LaunchTests {
    let fixture: Fixture
    let recorder = Recorder()

    init() throws {
        fixture = try Fixture(objects: ["a": 100_000, "b": 10])
    }

    /// A process that makes sessions, leaves a task in each, and ends.
    private func leaveTasks(in identifiers: [String]) throws {
        for identifier in identifiers {
            let session = try Session(configuration: fixture.background(identifier), delegate: Recorder())
            var request = fixture.request("a")
            request.destination = .container(identifier)
            _ = try session.downloadTask(with: request)
        }
    }

    private func launch(conditions: SystemConditions? = nil) throws -> BackgroundSessions {
        let (fixture, recorder) = (fixture, recorder)
        struct NotNow: Error {}
        return try BackgroundSessions.launch(container: fixture.container, conditions: conditions) { identifier in
            switch identifier {
            case "forgotten": return nil
            case "broken": throw NotNow()
            default:
                return SessionLaunch(configuration: try fixture.background(identifier), delegate: recorder)
            }
        }
    }

    @Test func theSessionsThatTheStoreKnowsAreMadeAgain() async throws {
        // rule W5
        try leaveTasks(in: ["maps", "forgotten", "broken"])
        let sessions = try launch()
        #expect(sessions.sessions.map(\.identifier) == ["maps"])
        #expect(sessions.unknownSessions == ["forgotten"])
        #expect(sessions.failedSessions.map(\.identifier) == ["broken"])
        #expect(sessions.failedSessions.first?.error.reason.contains("NotNow") == true)
        #expect(sessions.recovery == nil)

        let maps = try #require(sessions.session(withIdentifier: "maps"))
        let info = try #require(try maps.tasks().first)
        let task = try maps.task(withIdentifier: info.id)
        try task.resume()
        #expect(try await recorder.end(of: task) == nil)
    }

    @Test func openGivesTheSessionThereIsOrANewOne() async throws {
        // rule W5, rule C1
        try leaveTasks(in: ["maps"])
        let sessions = try launch()
        let other = Recorder()
        let same = try sessions.open(SessionLaunch(configuration: fixture.background("maps"), delegate: other))
        #expect(same === sessions.session(withIdentifier: "maps"), "and its delegate stays")
        let new = try sessions.open(SessionLaunch(configuration: fixture.background("photos"), delegate: other))
        #expect(Set(sessions.sessions.map(\.identifier)) == ["maps", "photos"])
        new.invalidateAndCancel()
        try await other.invalid()
        let end = ContinuousClock.now + patience
        while !new.status.isClosed && ContinuousClock.now < end { await Task.yield() }
        let again = try sessions.open(
            SessionLaunch(configuration: fixture.background("photos"), delegate: Recorder()))
        #expect(again !== new && !again.status.isClosed)
    }

    @Test func conditionsOfALaunchHoldForEverySession() async throws {
        // rule P2
        try leaveTasks(in: ["maps"])
        var offline = SystemConditions()
        offline.network = .none
        let sessions = try launch(conditions: offline)
        let maps = try #require(sessions.session(withIdentifier: "maps"))
        let task = try maps.task(withIdentifier: #require(try maps.tasks().first).id)
        try task.resume()
        #expect(try await task.explain().reason == .connectivity)
        sessions.setConditions(SystemConditions())
        #expect(try await recorder.end(of: task) == nil)
    }

    @Test func aWakeGoesToItsSessionOrIsGivenBackAtOnce() async throws {
        // rule W3, rule S5
        try leaveTasks(in: ["maps"])
        let sessions = try launch()
        let completed = Watched<[String]>([])
        let ticket = { (name: String) in WakeTicket(onMain: false) { completed.change { $0.append(name) } } }
        #expect(sessions.handleBackgroundEvents(forSession: "maps", ticket: ticket("maps")))
        #expect(!sessions.handleBackgroundEvents(forSession: "nobody", ticket: ticket("nobody")))
        let refresh = ticket("all")
        #expect(sessions.handleWake(refresh) && !sessions.handleWake(refresh))
        ticket("back").giveBack()
        _ = ticket("dropped")
        try await completed.wait(for: "all wakes to be over") { $0.count >= 5 }
        #expect(completed.current.sorted() == ["all", "back", "dropped", "maps", "nobody"])
    }

    @Test func aWakeEndsOnTheMainQueueAndInTimeWhateverTheDelegateDoes() async throws {
        // rule W3, rule W4
        let release = DispatchSemaphore(value: 0)
        let hanging = Recorder { _, event in
            if event.name == "finished" { release.wait() }
        }
        let session = try Session(configuration: fixture.background(), delegate: hanging)
        let task = try session.downloadTask(with: fixture.request("a"))
        try task.resume()
        try await hanging.wait(for: "the delegate to hang") { $0.contains { $0.name == "finished" } }
        let isOver = Watched(false)
        let lent = ContinuousClock.now
        session.handleBackgroundEvents(
            WakeTicket(limit: .milliseconds(500)) {
                MainActor.preconditionIsolated()
                isOver.change { $0 = true }
            })
        try await isOver.wait(for: "the wake to be over") { $0 }
        #expect(ContinuousClock.now - lent < .seconds(10))
        release.signal()
        #expect(try await hanging.end(of: task) == nil)
    }

    /// Remembers what it was asked for.
    private final class Alarm: WakeScheduler {
        let requests = Watched<[WakeRequest?]>([])

        func schedule(_ request: WakeRequest) { requests.change { $0.append(request) } }
        func cancel() { requests.change { $0.append(nil) } }
    }

    @Test func theNextUsefulMomentIsAskedFor() async throws {
        // rule P6
        let alarm = Alarm()
        var configuration = try fixture.background()
        configuration.wakeScheduler = alarm
        let session = try Session(configuration: configuration, delegate: recorder)
        var away = SystemConditions()
        (away.appState, away.network) = (.background, .none)
        session.setConditions(away)
        let task = try session.downloadTask(with: fixture.request("a"))
        try task.resume()
        let asked = try await alarm.requests.wait(for: "a wake to be asked for") { $0.contains { $0 != nil } }
        let request = try #require(asked.compactMap { $0 }.last)
        #expect(request.constraints.network && !request.constraints.notCellular)
        try task.cancel()
        try await alarm.requests.wait(for: "the wake to be taken back") { $0.last == .some(nil) }
    }
}
