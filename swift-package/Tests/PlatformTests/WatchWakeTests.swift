import Backhaul
import StandInSystem
import Testing
import WatchKit

/// `handle(_:)` in one line.
@MainActor
struct WatchWakeTests {
    private let urlSessionTask = "WKURLSessionRefreshBackgroundTask"

    @Test func aWakeIsOverWhenEverythingWasTold() async throws {
        // rules S5, W3, W4
        try await withWatch { watch in
            watch.system.open()
            try await watch.download()
            await watch.leave()
            await watch.finishTransfers()
            #expect(watch.wakes.events == [urlSessionTask])
            #expect(watch.told.hasDownload(in: "maps"))
            #expect(watch.system.openTickets.isEmpty && watch.system.deaths.isEmpty)
        }
    }

    @Test func tasksOfOneCallAreEachCompletedOnce() async throws {
        // rule W3
        try await withWatch(sessions: ["maps", "news"]) { watch in
            watch.system.open()
            try await watch.download(in: "maps")
            try await watch.download(in: "news")
            watch.system.transferStarted(in: "of an older version")
            await watch.leave()
            watch.system.transferFinished(in: "of an older version")
            await watch.finishTransfers(in: "maps", "news")
            #expect(watch.wakes.events == [urlSessionTask, urlSessionTask, urlSessionTask])
            #expect(watch.told.hasDownload(in: "maps") && watch.told.hasDownload(in: "news"))
            #expect(watch.system.openTickets.isEmpty && watch.system.deaths.isEmpty)
        }
    }

    @Test func aDelegateThatNeverReturnsMeetsTheWatchdog() async throws {
        // rule W3
        try await withWatch { watch in
            let gate = Gate()
            defer { gate.open() }
            watch.atFile = { gate.pass() }
            watch.system.open()
            try await watch.download()
            await watch.leave()
            watch.system.patience = .seconds(14)
            let began = ContinuousClock.now
            await watch.finishTransfers()
            #expect(watch.wakes.events == [urlSessionTask])
            #expect(began.duration(to: .now) > .seconds(9), "the ten seconds of a watch were the app's")
            #expect(watch.system.openTickets.isEmpty && watch.system.deaths.isEmpty)
        }
    }

    @Test func theSystemTakesAWakeBackBeforeItsLimit() async throws {
        // rule W3
        try await withWatch { watch in
            let gate = Gate()
            defer { gate.open() }
            watch.atFile = { gate.pass() }
            watch.system.open()
            try await watch.download()
            await watch.leave()
            watch.system.patience = .milliseconds(100)
            await watch.finishTransfers()
            #expect(watch.system.openTickets == [.backgroundSession("maps")])

            watch.system.patience = .seconds(5)
            await watch.system.advance(by: watch.system.limits.watchWake)
            #expect(watch.system.openTickets.isEmpty && watch.system.deaths.isEmpty)
        }
    }

    @Test func aRefreshIsForEverySession() async throws {
        // rules S5, P6, W3
        try await withWatch { watch in
            watch.system.open()
            WKApplication.shared().scheduleBackgroundRefresh(
                withPreferredDate: watch.system.now + 60 * 60, userInfo: nil, scheduledCompletion: { _ in })
            try await watch.download()
            await watch.leave()
            #expect(watch.finishQuietly() == 1)
            await watch.system.advance(by: .hours(1))
            #expect(watch.wakes.events == ["WKApplicationRefreshBackgroundTask"])
            #expect(watch.told.hasDownload(in: "maps"))
            #expect(watch.system.openTickets.isEmpty && watch.system.deaths.isEmpty)
        }
    }

    @Test func whatIsNotOursIsCompletedToo() async throws {
        // rule W3
        try await withWatch { watch in
            watch.system.open()
            WKApplication.shared().scheduleSnapshotRefresh(
                withPreferredDate: watch.system.now + 60, userInfo: nil, scheduledCompletion: { _ in })
            await watch.leave()
            await watch.system.advance(by: .minutes(2))
            #expect(watch.wakes.events == ["WKSnapshotRefreshBackgroundTask"])
            #expect(watch.system.openTickets.isEmpty && watch.system.deaths.isEmpty)
        }
    }
}
