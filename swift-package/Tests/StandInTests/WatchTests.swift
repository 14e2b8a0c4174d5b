import Network
import StandInSystem
import Testing
import WatchKit

/// A watch app that notes what it is told, and completes its tasks unless the test wants to.
@MainActor final class WatchDelegate: NSObject, WKApplicationDelegate {
    var calls: [String] = []
    var tasks: [WKRefreshBackgroundTask] = []
    var wakes: [(date: Date, sessions: [String])] = []
    var completesAtOnce = true

    func applicationDidFinishLaunching() { calls.append("didFinishLaunching") }
    func applicationDidBecomeActive() { calls.append("didBecomeActive") }
    func applicationWillResignActive() { calls.append("willResignActive") }
    func applicationWillEnterForeground() { calls.append("willEnterForeground") }
    func applicationDidEnterBackground() { calls.append("didEnterBackground") }

    func handle(_ backgroundTasks: Set<WKRefreshBackgroundTask>) {
        tasks += backgroundTasks
        let sessions = backgroundTasks.compactMap { ($0 as? WKURLSessionRefreshBackgroundTask)?.sessionIdentifier }
        wakes.append((System.shared.now, sessions.sorted()))
        if completesAtOnce { for task in backgroundTasks { task.setTaskCompletedWithSnapshot(false) } }
    }
}

extension System {
    /// Puts an app on the watch that was in use and is suspended.
    @MainActor func suspendWatchApp() async -> WatchDelegate {
        let delegate = WatchDelegate()
        install(watchApp: { delegate })
        open()
        leave()
        await advance(by: .minutes(1))
        return delegate
    }

    @MainActor func finishTransfer(in session: String) {
        transferStarted(in: session)
        transferFinished(in: session)
    }

    /// Woken by a transfer, with patience for no answer.
    @MainActor func wakeWatchApp() async -> WatchDelegate {
        let delegate = await suspendWatchApp()
        delegate.completesAtOnce = false
        patience = .zero
        finishTransfer(in: "small")
        await advance(by: .zero)
        return delegate
    }
}

@Suite("A watch's wakes") @MainActor struct WatchTests {
    @Test func anAppStaysFrontmostForTwoMinutes() async {
        // rule W1
        await System.exclusive { system in
            let delegate = WatchDelegate()
            system.install(watchApp: { delegate })
            system.open()
            system.lowerWrist()
            await system.advance(by: .seconds(119))
            #expect(system.appState == .frontmost)
            #expect(WKApplication.shared().applicationState == .inactive)
            system.finishTransfer(in: "small")
            await system.advance(by: .seconds(1))
            #expect(WKApplication.shared().applicationState == .background)
            await system.advance(by: .hours(1))
            #expect(system.appState == .suspended)
            #expect(delegate.wakes.isEmpty)
            #expect(
                delegate.calls == ["didFinishLaunching", "didBecomeActive", "willResignActive", "didEnterBackground"])
        }
    }

    @Test func wakesAreFifteenMinutesApartAndFourAnHour() async {
        // rule P8
        await System.exclusive { system in
            let delegate = await system.suspendWatchApp()
            let start = system.now
            for _ in 0..<119 {
                system.finishTransfer(in: "small")
                await system.advance(by: .minutes(1))
            }
            let minutes = delegate.wakes.map { Int($0.date.timeIntervalSince(start) / 60) }
            #expect(minutes == [0, 15, 30, 45, 60, 75, 90, 105])
            #expect(system.faults == [])
        }
    }

    @Test func fourAnHourHoldsWhateverTheDistance() async {
        // rule P8
        await System.exclusive { system in
            system.limits.betweenWatchWakes = .minutes(5)
            let delegate = await system.suspendWatchApp()
            let start = system.now
            for _ in 0..<80 {
                system.finishTransfer(in: "small")
                await system.advance(by: .minutes(1))
            }
            let minutes = delegate.wakes.map { Int($0.date.timeIntervalSince(start) / 60) }
            #expect(minutes == [0, 5, 10, 15, 60, 65, 70, 75])
        }
    }

    @Test func allSessionsThatAreDueComeTogether() async {
        // rule P8
        await System.exclusive { system in
            let delegate = await system.suspendWatchApp()
            system.finishTransfer(in: "first")
            await system.advance(by: .minutes(1))
            system.finishTransfer(in: "images")
            system.finishTransfer(in: "maps")
            await system.advance(by: .hours(1))
            #expect(delegate.wakes.map(\.sessions) == [["first"], ["images", "maps"]])
        }
    }

    @Test func completingTwiceKills() async {
        // rule W3
        await System.exclusive { system in
            let delegate = await system.wakeWatchApp()
            delegate.tasks[0].setTaskCompletedWithSnapshot(false)
            #expect(system.faults == [])
            delegate.tasks[0].setTaskCompletedWithSnapshot(false)
            #expect(system.faults == [.completedTwice(.backgroundSession("small"))])
        }
    }

    @Test func neverCompletingKillsAfterFifteenSeconds() async {
        // rule W3
        await System.exclusive { system in
            let delegate = await system.wakeWatchApp()
            await system.advance(by: .seconds(14))
            #expect(system.faults == [])
            await system.advance(by: .seconds(1))
            #expect(system.faults == [.neverCompleted(.backgroundSession("small"))])
            delegate.tasks[0].setTaskCompletedWithSnapshot(false)
            #expect(system.faults == [.completedLate(.backgroundSession("small"))])
        }
    }

    @Test func theExpirationHandlerCanCompleteIt() async {
        // rule W3
        await System.exclusive { system in
            let delegate = await system.wakeWatchApp()
            let task = delegate.tasks[0]
            task.expirationHandler = { task.setTaskCompletedWithSnapshot(false) }
            system.patience = .seconds(10)
            await system.advance(by: .minutes(5))
            #expect(system.faults == [])
            #expect(system.appState == .suspended)
        }
    }

    @Test func aRefreshComesOnceNotBeforeItsDate() async {
        // rule P6
        await System.exclusive { system in
            let delegate = await system.suspendWatchApp()
            let userInfo = "map" as NSString
            var isScheduled = false
            for minutes in [30, 20] {
                WKApplication.shared().scheduleBackgroundRefresh(
                    withPreferredDate: system.now + Double(minutes * 60), userInfo: userInfo,
                    scheduledCompletion: { isScheduled = $0 == nil })
            }
            #expect(isScheduled)
            await system.advance(by: .minutes(19))
            #expect(delegate.tasks.isEmpty)
            await system.advance(by: .hours(2))
            #expect(delegate.tasks.count == 1)
            #expect(delegate.tasks[0] is WKApplicationRefreshBackgroundTask)
            #expect(delegate.tasks[0].userInfo as? NSString == userInfo)
            #expect(system.faults == [])
        }
    }

    @Test func aRefreshIsIgnoredWhileTheAppIsOnTheScreen() async {
        // rule P6
        await System.exclusive { system in
            let delegate = await system.suspendWatchApp()
            WKApplication.shared().scheduleBackgroundRefresh(
                withPreferredDate: system.now + 60 * 60, userInfo: nil, scheduledCompletion: { _ in })
            system.open()
            await system.advance(by: .hours(2))
            system.leave()
            await system.advance(by: .hours(2))
            #expect(delegate.tasks.isEmpty)
        }
    }

    @Test func theNetworkOfAWatchIsHiddenFromItsApps() async {
        // rule P1
        await System.exclusive { system in
            system.install(watchApp: { WatchDelegate() })
            system.open()
            #expect(system.conditions.network.interface == .wifi)
            #expect(NWPathMonitor().currentPath.status == .unsatisfied)
        }
    }

    @Test func aSnapshotFollowsWhereItIsAskedFor() async {
        // rule W3
        await System.exclusive { system in
            let delegate = await system.wakeWatchApp()
            delegate.tasks[0].setTaskCompletedWithSnapshot(true)
            await system.advance(by: .zero)
            let snapshot = delegate.tasks.last as? WKSnapshotRefreshBackgroundTask
            snapshot?.setTaskCompleted(
                restoredDefaultState: true, estimatedSnapshotExpiration: .distantFuture, userInfo: nil)
            #expect(snapshot != nil)
            await system.advance(by: .minutes(1))
            #expect(system.faults == [])
            #expect(system.appState == .suspended)
        }
    }
}
