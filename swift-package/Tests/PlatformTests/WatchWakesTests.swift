import Foundation
import StandInSystem
import Testing
import WatchKit

@testable import Backhaul

/// The watch's background refresh as the app's wake scheduler.
@MainActor
struct WatchWakesTests {
    /// A watch whose app has a download for later and waits in the background, and the date that it asked for.
    private func withSleepingApp(_ test: @MainActor (Rig, Date) async throws -> Void) async throws {
        try await withWatch { watch in
            watch.usesService = false
            watch.makeScheduler = { WatchWakes() }
            watch.system.open()
            try await watch.enqueue(notBefore: .now + 60 * 60)
            let witness = try #require(watch.witness)
            let request = try await witness.request(where: \.network)
            await watch.leave()
            try await test(watch, request.earliestBeginDate)
        }
    }

    @Test func theRefreshComesAndIsCompleted() async throws {
        // rules P6, S5, W3
        try await withSleepingApp { watch, date in
            await watch.advance(to: date - 1)
            #expect(watch.wakes.events.isEmpty)
            await watch.advance(to: date + 1)
            #expect(watch.wakes.events == ["WKApplicationRefreshBackgroundTask"])
            #expect(watch.system.openTickets.isEmpty && watch.system.deaths.isEmpty)
        }
    }

    @Test func aRefreshThatTheUserForestalledIsAskedForAgain() async throws {
        // rule P6
        try await withSleepingApp { watch, date in
            await watch.advance(to: date - 60)
            watch.system.open()
            await watch.advance(to: date + 60)
            #expect(watch.wakes.events.isEmpty, "the system ignores it while the app is on the screen")
            await watch.leave()
            await watch.system.advance(by: .hours(1))
            #expect(watch.wakes.events.first == "WKApplicationRefreshBackgroundTask")
            #expect(watch.system.deaths.isEmpty)
        }
    }

    @Test func aTimerLooksOnceAnHourForWhatItCannotWaitFor() throws {
        // rules P6, P8
        let now = Date(timeIntervalSince1970: 1_750_000_000)
        func date(charging: Bool, latest: Date? = nil) -> TimeInterval {
            let request = WakeRequest(
                earliestBeginDate: now,
                constraints: .init(network: true, unmetered: false, notCellular: false, charging: charging),
                latest: latest
            )
            return request.date(withoutConstraintsAt: now).timeIntervalSince(now)
        }
        #expect(date(charging: false) == 0)
        #expect(date(charging: true) == 60 * 60)
        #expect(date(charging: true, latest: now + 60) == 60)
        #expect(date(charging: true, latest: now + 24 * 60 * 60) == 60 * 60)
    }
}
