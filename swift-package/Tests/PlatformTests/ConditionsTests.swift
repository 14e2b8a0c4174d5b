import Foundation
import StandInSystem
import Testing
import UIKit

@testable import Backhaul

/// What the monitor says of the device, source by source.
@MainActor
struct ConditionsTests {
    /// A monitor in an app that the user has opened, and what it said.
    private func withMonitor(
        _ device: Device, _ test: @MainActor (System, Trace<SystemConditions>) async throws -> Void
    ) async throws {
        try await System.exclusive { system in
            if device == .watch {
                system.install(watchApp: { EmptyWatchApp() })
            } else {
                system.install(phoneApp: { EmptyPhoneApp() })
            }
            system.open()
            let said = Trace<SystemConditions>()
            let monitor = SystemConditionsMonitor(sources: device == .watch ? .watch : .phone)
            monitor.start { said.add($0) }
            try await test(system, said)
            withExtendedLifetime(monitor) {}
        }
    }

    @Test func aPhoneSaysWhatItIsLike() async throws {
        // rule P2
        try await withMonitor(.phone) { system, said in
            var expected = SystemConditions()
            expected.isCharging = false
            expected.batteryPercent = 100
            #expect(said.events == [expected])

            system.network = .init(.cellular, isConstrained: true)
            expected.network = .cellular
            expected.isExpensive = true
            expected.isConstrained = true
            try await said.wait(for: expected)

            system.network = .init(nil)
            expected.network = .none
            expected.isExpensive = false
            expected.isConstrained = false
            try await said.wait(for: expected)

            system.network = .init(.wired)
            expected.network = .wired
            try await said.wait(for: expected)

            system.isLowPowerModeEnabled = true
            expected.isLowPowerModeEnabled = true
            try await said.wait(for: expected)

            system.heat = .serious
            expected.thermalState = .serious
            try await said.wait(for: expected)

            system.battery = .init(level: 0.35, charging: .charging)
            expected.batteryPercent = 35
            expected.isCharging = true
            try await said.wait(for: expected)

            system.lock()
            expected.isProtectedDataAvailable = false
            try await said.wait(for: expected)

            system.unlock()
            expected.isProtectedDataAvailable = true
            try await said.wait(for: expected, times: 2)
        }
    }

    @Test func nothingIsSaidTwice() async throws {
        // rule P6
        try await withMonitor(.phone) { system, said in
            for name in [
                UIDevice.batteryLevelDidChangeNotification, UIApplication.didBecomeActiveNotification,
                .NSProcessInfoPowerStateDidChange,
            ] {
                NotificationCenter.default.post(name: name, object: nil)
            }
            await drainMainQueue()
            #expect(said.events.count == 1, "what it was like at the start")
            system.isLowPowerModeEnabled = true
            try await said.wait { $0.last?.isLowPowerModeEnabled == true }
            #expect(said.events.count == 2)
        }
    }

    @Test func aPhoneAppIsInFrontUntilItIsInTheBackground() async throws {
        // rules W1, W7
        try await withMonitor(.phone) { system, said in
            system.leave()
            system.open()
            let states = try await said.wait { $0.count >= 5 }.map(\.appState)
            #expect(states == [.active, .frontmost, .background, .frontmost, .active])
        }
    }

    @Test func aWatchAppIsFrontmostForTwoMinutesAfterUse() async throws {
        // rules W1, S9
        try await withMonitor(.watch) { system, said in
            system.lowerWrist()
            try await said.wait { $0.last?.appState == .frontmost }
            await system.advance(by: .seconds(119))
            #expect(said.events.last?.appState == .frontmost)
            await system.advance(by: .seconds(1))
            try await said.wait { $0.last?.appState == .background }
        }
    }

    @Test func aWatchAppThatIsUsedAgainInTimeStaysInFront() async throws {
        // rule W1
        try await withMonitor(.watch) { system, said in
            system.lowerWrist()
            await system.advance(by: .seconds(60))
            system.open()
            await system.advance(by: .minutes(5))
            let states = try await said.wait { $0.count >= 3 }.map(\.appState)
            #expect(states == [.active, .frontmost, .active])
        }
    }

    @Test func aWatchIsAskedForItsBatteryWhenTheAppComesAndGoes() async throws {
        // rule P2
        try await withMonitor(.watch) { system, said in
            #expect(said.events.last?.isCharging == false && said.events.last?.batteryPercent == 100)
            system.battery = .init(level: 0.2, charging: .charging)
            system.leave()
            try await said.wait { $0.last?.isCharging == true && $0.last?.batteryPercent == 20 }
        }
    }

    @Test func aWatchTakesNoNetworkFromThePathMonitor() async throws {
        // rule P1: to an ordinary app it shows none there, whatever there is
        try await withMonitor(.watch) { system, said in
            system.network = .init(nil)
            system.isLowPowerModeEnabled = true
            let last = try await said.wait { $0.last?.isLowPowerModeEnabled == true }.last
            #expect(last?.network == .wifi)
        }
    }

    @Test func aMacHasNetworkPowerAndHeat() async throws {
        // rule P2
        try await System.exclusive { system in
            let said = Trace<SystemConditions>()
            let monitor = SystemConditionsMonitor()
            monitor.start { said.add($0) }
            #expect(said.events == [SystemConditions()])
            system.network = .init(.wired)
            var expected = SystemConditions()
            expected.network = .wired
            try await said.wait(for: expected)
            withExtendedLifetime(monitor) {}
        }
    }

    @Test func whoeverStopsListeningHearsNothing() async {
        // rule P6
        await System.exclusive { system in
            system.install(phoneApp: { EmptyPhoneApp() })
            system.open()
            let said = Trace<SystemConditions>()
            let monitor = SystemConditionsMonitor(sources: .phone)
            monitor.start { said.add($0) }
            let count = said.events.count
            monitor.stop()
            system.leave()
            await drainMainQueue()
            #expect(said.events.count == count)
        }
    }

    @Test func whoeverLetsTheMonitorGoIsRidOfIt() async {
        // rule P6
        await System.exclusive { system in
            system.install(phoneApp: { EmptyPhoneApp() })
            system.open()
            let said = Trace<SystemConditions>()
            weak var released: SystemConditionsMonitor?
            do {
                let monitor = SystemConditionsMonitor(sources: .phone)
                monitor.start { said.add($0) }
                released = monitor
            }
            #expect(released == nil)
            let count = said.events.count
            system.leave()
            await drainMainQueue()
            #expect(said.events.count == count)
        }
    }
}
