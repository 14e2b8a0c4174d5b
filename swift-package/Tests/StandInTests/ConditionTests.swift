import Network
import StandInFoundation
import StandInSystem
import Synchronization
import Testing
import UIKit
import WatchKit

@Suite("Conditions") @MainActor struct ConditionTests {
    @Test func theBatteryIsSilentUntilItIsMonitored() async {
        // rule P2
        await System.exclusive { system in
            let notifications = Notifications(of: UIDevice.batteryStateDidChangeNotification)
            system.battery.charging = .charging
            #expect(UIDevice.current.batteryState == .unknown)
            #expect(UIDevice.current.batteryLevel == -1)
            UIDevice.current.isBatteryMonitoringEnabled = true
            system.battery = .init(level: 0.5, charging: .full)
            #expect(UIDevice.current.batteryState == .full)
            #expect(UIDevice.current.batteryLevel == 0.5)
            #expect(notifications.count == 1)
            #expect(notifications.onMainThread == 1)
        }
    }

    @Test func aWatchsBatteryIsKnownWhenItIsMonitored() async {
        // rule P2
        await System.exclusive { system in
            system.battery = .init(level: 0.25, charging: .charging)
            #expect(WKInterfaceDevice.current().batteryState == .unknown)
            WKInterfaceDevice.current().isBatteryMonitoringEnabled = true
            #expect(WKInterfaceDevice.current().batteryState == .charging)
            #expect(WKInterfaceDevice.current().batteryLevel == 0.25)
        }
    }

    @Test func powerAndHeatArePostedOffTheMainThread() async {
        // rule P2
        await System.exclusive { system in
            let power = Notifications(of: .NSProcessInfoPowerStateDidChange)
            let heat = Notifications(of: ProcessInfo.thermalStateDidChangeNotification)
            #expect(!ProcessInfo.processInfo.isLowPowerModeEnabled)
            #expect(ProcessInfo.processInfo.thermalState == .nominal)
            system.isLowPowerModeEnabled = true
            system.heat = .serious
            #expect(await eventually { power.count == 1 && heat.count == 1 })
            #expect(power.onMainThread + heat.onMainThread == 0)
            #expect(ProcessInfo.processInfo.isLowPowerModeEnabled)
            #expect(ProcessInfo.processInfo.thermalState == .serious)
        }
    }

    @Test func heatIsPostedOnlyToWhoHasAsked() async {
        // rule P2
        await System.exclusive { system in
            let heat = Notifications(of: ProcessInfo.thermalStateDidChangeNotification)
            system.heat = .fair
            _ = ProcessInfo.processInfo.thermalState
            system.heat = .serious
            #expect(await eventually { heat.count == 1 })
            #expect(heat.count == 1)
        }
    }

    @Test func lockingTakesProtectedDataAway() async {
        // rule P2
        await System.exclusive { system in
            let unavailable = Notifications(of: UIApplication.protectedDataWillBecomeUnavailableNotification)
            let available = Notifications(of: UIApplication.protectedDataDidBecomeAvailableNotification)
            #expect(UIApplication.shared.isProtectedDataAvailable)
            system.lock()
            #expect(unavailable.count == 1)
            #expect(UIApplication.shared.isProtectedDataAvailable)
            await system.advance(by: .seconds(10))
            #expect(!UIApplication.shared.isProtectedDataAvailable)
            system.unlock()
            #expect(UIApplication.shared.isProtectedDataAvailable)
            #expect(available.count == 1)
            system.lock()
            system.unlock()
            await system.advance(by: .seconds(10))
            #expect(UIApplication.shared.isProtectedDataAvailable)
        }
    }

    @Test func thePathComesOnItsQueueAtTheStartAndAtEachChange() async {
        // rule P2
        await System.exclusive { system in
            let queue = DispatchQueue(label: "paths")
            let paths = Mutex<[NWPath]>([])
            let monitor = NWPathMonitor()
            monitor.pathUpdateHandler = { path in
                dispatchPrecondition(condition: .onQueue(queue))
                paths.withLock { $0.append(path) }
            }
            monitor.start(queue: queue)
            system.network = .init(.cellular, isConstrained: true)
            system.network = .init(nil)
            #expect(await eventually { paths.withLock { $0.count } == 3 })
            monitor.cancel()
            system.network = .init(.wired)
            queue.sync {}
            let seen = paths.withLock { $0 }
            #expect(seen.map(\.status) == [.satisfied, .satisfied, .unsatisfied])
            #expect(seen.map { $0.usesInterfaceType(.cellular) } == [false, true, false])
            #expect(seen.map(\.isExpensive) == [false, true, false])
            #expect(seen.map(\.isConstrained) == [false, true, false])
        }
    }

    @Test func aSuspendedAppHearsOfTheLastChangeWhenItRunsAgain() async {
        // rule P2
        await System.exclusive { system in
            let paths = Mutex<[NWPath]>([])
            let monitor = NWPathMonitor()
            let delegate = PhoneDelegate()
            delegate.onLaunch = {
                monitor.pathUpdateHandler = { path in paths.withLock { $0.append(path) } }
                monitor.start(queue: DispatchQueue(label: "paths"))
            }
            system.install(phoneApp: { delegate })
            system.open()
            #expect(await eventually { paths.withLock { $0.count } == 1 })
            system.leave()
            await system.advance(by: .minutes(1))
            system.network = .init(nil)
            system.network = .init(.cellular)
            system.open()
            #expect(await eventually { paths.withLock { $0.count } == 2 })
            #expect(paths.withLock { $0.last?.usesInterfaceType(.cellular) } == true)
            monitor.queue?.sync {}
            #expect(paths.withLock { $0.count } == 2)
        }
    }

    @Test func aConfigurationKeepsWhatOnlyApplesHave() {
        // rule S1
        let configuration = URLSessionConfiguration.background(withIdentifier: "maps")
        #expect(configuration.sessionSendsLaunchEvents)
        #expect(!configuration.waitsForConnectivity)
        configuration.sessionSendsLaunchEvents = false
        configuration.waitsForConnectivity = true
        configuration.allowsExpensiveNetworkAccess = false
        configuration.allowsConstrainedNetworkAccess = false
        let session = URLSession(configuration: configuration)
        defer { session.invalidateAndCancel() }
        #expect(session.configuration.identifier == "maps")
        #expect(!session.configuration.sessionSendsLaunchEvents)
        #expect(session.configuration.waitsForConnectivity)
        #expect(!session.configuration.allowsExpensiveNetworkAccess)
        #expect(!session.configuration.allowsConstrainedNetworkAccess)
    }
}
