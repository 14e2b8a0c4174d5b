import StandInSystem
import Testing
import UIKit

@Suite("A phone's wakes") @MainActor struct PhoneWakeTests {
    @Test func anAppGoesThroughItsStates() async {
        // rule W1
        await System.exclusive { system in
            let delegate = PhoneDelegate()
            system.install(phoneApp: { delegate })
            #expect(system.appState == .notRunning)
            system.open()
            #expect(system.appState == .active)
            system.leave()
            #expect(system.appState == .background)
            await system.advance(by: .seconds(5))
            #expect(system.appState == .suspended)
            system.open()
            #expect(
                delegate.calls == [
                    "didFinishLaunching", "didBecomeActive", "willResignActive", "didEnterBackground",
                    "willEnterForeground", "didBecomeActive",
                ])
            #expect(delegate.states == [.inactive, .active, .inactive, .background, .inactive, .active])
            #expect(system.deaths == [])
        }
    }

    @Test func theWakeComesWhenAllTransfersAreFinished() async {
        // rule W2
        await System.exclusive { system in
            let delegate = await system.suspendPhoneApp()
            system.transferStarted(in: "maps")
            system.transferFinished(in: "maps")
            await system.advance(by: .minutes(1))
            #expect(delegate.wakes.isEmpty)
            system.patience = .zero
            system.transferFinished(in: "maps")
            await system.advance(by: .seconds(1))
            #expect(delegate.wakes.map(\.session) == ["maps"])
            #expect(system.openTickets == [.backgroundSession("maps")])
        }
    }

    @Test func credentialsAreAskedForAtOnce() async {
        // rule W2
        await System.exclusive { system in
            let delegate = await system.suspendPhoneApp()
            system.patience = .zero
            system.transferNeedsAuthentication(in: "maps")
            await system.advance(by: .seconds(1))
            #expect(delegate.wakes.map(\.session) == ["maps"])
        }
    }

    @Test func anAppThatRunsIsNotWoken() async {
        // rule W2
        await System.exclusive { system in
            let delegate = PhoneDelegate()
            system.install(phoneApp: { delegate })
            system.open()
            system.transferStarted(in: "maps")
            system.transferFinished(in: "maps")
            system.leave()
            await system.advance(by: .hours(1))
            #expect(delegate.wakes.isEmpty)
        }
    }

    @Test func aSessionWithoutLaunchEventsWakesNobody() async {
        // rule W2
        await System.exclusive { system in
            let delegate = await system.suspendPhoneApp()
            system.transferStarted(in: "quiet", sendsLaunchEvents: false)
            system.transferFinished(in: "quiet")
            await system.advance(by: .hours(1))
            #expect(delegate.wakes.isEmpty)
        }
    }

    @Test func aPurgedAppIsLaunchedInTheBackground() async {
        // rule W5
        await System.exclusive { system in
            var delegates: [PhoneDelegate] = []
            system.install(phoneApp: {
                delegates.append(PhoneDelegate())
                return delegates.last!
            })
            system.open()
            system.transferStarted(in: "maps")
            system.leave()
            await system.advance(by: .minutes(1))
            system.purge()
            #expect(system.appState == .notRunning)
            system.patience = .zero
            system.transferFinished(in: "maps")
            await system.advance(by: .seconds(1))
            #expect(delegates.count == 2)
            #expect(delegates.last?.calls == ["didFinishLaunching", "handleEvents(maps)"])
            #expect(delegates.last?.states == [.background, .background])
            #expect(system.faults == [])
        }
    }

    @Test func aForceQuitCancelsAndWakesNobody() async {
        // rule W6
        await System.exclusive { system in
            let delegate = await system.suspendPhoneApp()
            system.forceQuit()
            system.transferFinished(in: "maps")
            await system.advance(by: .hours(24))
            #expect(delegate.wakes.isEmpty)
            #expect(system.appState == .notRunning)
            system.open()
            #expect(system.appState == .active)
            #expect(delegate.wakes.isEmpty)
            #expect(system.deaths.map(\.reason) == [.forceQuit])
        }
    }

    @Test func anAppThatGaveItsWakeBackIsSuspendedAgain() async {
        // rule W3
        await System.exclusive { system in
            let delegate = await system.wakePhoneApp()
            #expect(system.appState == .background)
            delegate.wakes[0].complete()
            await system.advance(by: .zero)
            #expect(system.appState == .suspended)
            await system.advance(by: .hours(1))
            #expect(system.deaths == [])
        }
    }

    @Test func completingTwiceKills() async {
        // rule W3
        await System.exclusive { system in
            let delegate = await system.wakePhoneApp()
            delegate.wakes[0].complete()
            #expect(system.faults == [])
            delegate.wakes[0].complete()
            #expect(system.faults == [.completedTwice(.backgroundSession("maps"))])
            #expect(system.appState == .notRunning)
        }
    }

    @Test func neverCompletingKills() async {
        // rule W3
        await System.exclusive { system in
            _ = await system.wakePhoneApp()
            await system.advance(by: .seconds(29))
            #expect(system.faults == [])
            await system.advance(by: .seconds(1))
            #expect(system.faults == [.neverCompleted(.backgroundSession("maps"))])
        }
    }

    @Test func completingLateKills() async {
        // rule W3
        await System.exclusive { system in
            let delegate = await system.wakePhoneApp()
            await system.advance(by: .seconds(31))
            delegate.wakes[0].complete()
            #expect(system.faults == [.completedLate(.backgroundSession("maps"))])
        }
    }

    @Test func completingOffTheMainThreadKills() async {
        // rule W4
        await System.exclusive { system in
            let delegate = await system.wakePhoneApp()
            await offTheMainThread(delegate.wakes[0].complete)
            #expect(
                system.faults == [
                    .notOnMainThread("the completion handler of handleEventsForBackgroundURLSession")
                ])
        }
    }

    @Test func theClockStandsStillWhileTheAppWorks() async {
        // rule W3
        await System.exclusive { system in
            let delegate = await system.suspendPhoneApp()
            system.transferFinished(in: "maps")
            // Answers from elsewhere, in real time, as a runtime of its own would.
            let answer = Task {
                while delegate.wakes.isEmpty { await Task.yield() }
                delegate.wakes[0].complete()
            }
            await system.advance(by: .hours(1))
            await answer.value
            #expect(system.faults == [])
            #expect(system.appState == .suspended)
        }
    }

    @Test func whatADeadAppDoesCountsNoMore() async {
        // rule W3
        await System.exclusive { system in
            let delegate = await system.wakePhoneApp()
            system.reboot()
            delegate.wakes[0].complete()
            delegate.wakes[0].complete()
            #expect(system.deaths.map(\.reason) == [.reboot])
            #expect(delegate.calls.last == "handleEvents(maps)")
        }
    }
}

/// Calls it on some other thread, and waits until it returned.
@MainActor func offTheMainThread(_ call: @escaping () -> Void) async {
    struct Call: @unchecked Sendable { let call: () -> Void }
    let handed = Call(call: call)
    await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
            handed.call()
            continuation.resume()
        }
    }
}
