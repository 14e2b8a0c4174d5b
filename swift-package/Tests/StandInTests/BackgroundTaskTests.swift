import StandInSystem
import Testing
import UIKit

@Suite("UIKit's background tasks") @MainActor struct BackgroundTaskTests {
    @Test func theAppRunsOnUntilTheTaskEnds() async {
        // rule W3
        await System.exclusive { system in
            system.install(phoneApp: { PhoneDelegate() })
            system.open()
            system.patience = .zero
            let task = UIApplication.shared.beginBackgroundTask(withName: "save")
            system.leave()
            await system.advance(by: .seconds(10))
            #expect(system.appState == .background)
            UIApplication.shared.endBackgroundTask(task)
            await system.advance(by: .seconds(1))
            #expect(system.appState == .suspended)
            #expect(system.deaths == [])
        }
    }

    @Test func itsClockRunsOnlyInTheBackground() async {
        // rule W3
        await System.exclusive { system in
            system.install(phoneApp: { PhoneDelegate() })
            system.open()
            system.patience = .zero
            _ = UIApplication.shared.beginBackgroundTask(withName: "save")
            await system.advance(by: .hours(1))
            system.leave()
            await system.advance(by: .seconds(20))
            system.open()
            await system.advance(by: .hours(1))
            #expect(system.faults == [])
            system.leave()
            await system.advance(by: .seconds(30))
            #expect(system.faults == [.neverCompleted(.backgroundTask("save"))])
        }
    }

    @Test func theExpirationHandlerCanEndIt() async {
        // rule W3
        await System.exclusive { system in
            system.install(phoneApp: { PhoneDelegate() })
            system.open()
            system.patience = .zero
            let saving = Saving()
            saving.begin()
            system.leave()
            await system.advance(by: .minutes(5))
            #expect(saving.wasEndedOnMainThread == true)
            #expect(system.faults == [])
            #expect(system.appState == .suspended)
        }
    }

    @Test func endingItTwiceKills() async {
        // rule W3
        await System.exclusive { system in
            let task = UIApplication.shared.beginBackgroundTask(withName: "save")
            UIApplication.shared.endBackgroundTask(.invalid)
            UIApplication.shared.endBackgroundTask(task)
            #expect(system.faults == [])
            UIApplication.shared.endBackgroundTask(task)
            #expect(system.faults == [.completedTwice(.backgroundTask("save"))])
        }
    }
}

/// Work that ends when its time does.
@MainActor private final class Saving {
    var wasEndedOnMainThread: Bool?
    private var task = UIBackgroundTaskIdentifier.invalid

    func begin() {
        task = UIApplication.shared.beginBackgroundTask { [self] in
            wasEndedOnMainThread = System.isMainThread
            UIApplication.shared.endBackgroundTask(task)
        }
    }
}
