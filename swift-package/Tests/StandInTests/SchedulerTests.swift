import BackgroundTasks
import StandInSystem
import Synchronization
import Testing
import UIKit

@Suite("BGTaskScheduler") @MainActor struct SchedulerTests {
    let refresh = "com.example.refresh"
    let nightly = "com.example.nightly"

    /// An app that is suspended, with its launch handlers registered; they complete their tasks.
    private func suspend(on system: System, _ handler: @escaping @Sendable (BGTask) -> Void) async {
        let identifiers = [refresh, nightly]
        system.permitTasks(Set(identifiers))
        let delegate = PhoneDelegate()
        delegate.onLaunch = {
            for identifier in identifiers {
                BGTaskScheduler.shared.register(forTaskWithIdentifier: identifier, using: nil, launchHandler: handler)
            }
        }
        system.install(phoneApp: { delegate })
        system.open()
        system.leave()
        await system.advance(by: .minutes(1))
    }

    @Test func aTaskRunsNotBeforeItsDate() async throws {
        // rule P6
        try await System.exclusive { system in
            let runs = Mutex<[String]>([])
            await suspend(on: system) { task in
                runs.withLock { $0.append(task.identifier) }
                task.setTaskCompleted(success: true)
            }
            let request = BGAppRefreshTaskRequest(identifier: refresh)
            request.earliestBeginDate = system.now + 3600
            try BGTaskScheduler.shared.submit(request)
            #expect(!system.launchTask(withIdentifier: refresh))
            await system.advance(by: .hours(1))
            #expect(system.launchTask(withIdentifier: refresh))
            #expect(await system.ticketsAreReturned())
            #expect(!system.launchTask(withIdentifier: refresh))
            #expect(runs.withLock { $0 } == [refresh])
            #expect(system.faults == [])
        }
    }

    @Test func processingWaitsForPowerAndNetwork() async throws {
        // rule P6
        try await System.exclusive { system in
            await suspend(on: system) { $0.setTaskCompleted(success: $0 is BGProcessingTask) }
            let request = BGProcessingTaskRequest(identifier: nightly)
            request.requiresExternalPower = true
            request.requiresNetworkConnectivity = true
            try BGTaskScheduler.shared.submit(request)
            #expect(!system.launchTask(withIdentifier: nightly))
            system.battery.charging = .charging
            system.network = .init(nil)
            #expect(!system.launchTask(withIdentifier: nightly))
            system.network = .init(.wifi)
            #expect(system.launchTask(withIdentifier: nightly))
            #expect(await system.ticketsAreReturned())
        }
    }

    @Test func aDeadAppIsLaunchedForItsTask() async throws {
        // rule W5
        try await System.exclusive { system in
            await suspend(on: system) { $0.setTaskCompleted(success: true) }
            try BGTaskScheduler.shared.submit(BGAppRefreshTaskRequest(identifier: refresh))
            system.purge()
            #expect(system.launchTask(withIdentifier: refresh))
            #expect(await system.ticketsAreReturned())
            #expect(system.appState == .background)
            #expect(system.faults == [])
        }
    }

    @Test func completingTwiceKills() async throws {
        // rule W3
        try await System.exclusive { system in
            await suspend(on: system) { task in
                task.setTaskCompleted(success: true)
                task.setTaskCompleted(success: true)
            }
            try BGTaskScheduler.shared.submit(BGAppRefreshTaskRequest(identifier: refresh))
            system.launchTask(withIdentifier: refresh)
            #expect(await eventually { system.faults == [.completedTwice(.appRefresh(refresh))] })
        }
    }

    @Test func anExpirationHandlerThatDoesNotCompleteKills() async throws {
        // rule W3
        try await System.exclusive { system in
            let isCalled = Mutex(false)
            await suspend(on: system) { task in
                task.expirationHandler = { isCalled.withLock { $0 = true } }
            }
            try await launchRefresh(on: system)
            await system.advance(by: .seconds(29))
            #expect(await eventually { isCalled.withLock { $0 } })
            #expect(system.faults == [])
            await system.advance(by: .seconds(1))
            #expect(system.faults == [.neverCompleted(.appRefresh(refresh))])
        }
    }

    @Test func withoutOneTheSystemCompletesItAndLaterIsTooLate() async throws {
        // rule W3
        try await System.exclusive { system in
            struct Held: @unchecked Sendable { let task: BGTask }
            let held = Mutex<Held?>(nil)
            await suspend(on: system) { task in
                let task = Held(task: task)
                held.withLock { $0 = task }
            }
            try await launchRefresh(on: system)
            #expect(await eventually { held.withLock { $0 != nil } })
            await system.advance(by: .minutes(5))
            #expect(system.faults == [])
            #expect(system.appState == .suspended)
            held.withLock { $0 }?.task.setTaskCompleted(success: true)
            #expect(system.faults == [.completedLate(.appRefresh(refresh))])
        }
    }

    /// Launches it, and waits until its queue has called the handler, with patience for no answer after that.
    private func launchRefresh(on system: System) async throws {
        try BGTaskScheduler.shared.submit(BGAppRefreshTaskRequest(identifier: refresh))
        system.launchTask(withIdentifier: refresh)
        system.patience = .milliseconds(200)
    }

    @Test func registeringAfterLaunchKills() async {
        // rule W5
        await System.exclusive { system in
            await suspend(on: system) { _ in }
            system.open()
            system.permitTasks(["com.example.late"])
            BGTaskScheduler.shared.register(forTaskWithIdentifier: "com.example.late", using: nil) { _ in }
            #expect(
                system.faults == [
                    .exception("All launch handlers must be registered before application finishes launching")
                ])
        }
    }

    @Test func registeringTwiceKills() async {
        // rule W5
        await System.exclusive { system in
            system.permitTasks([refresh])
            let delegate = PhoneDelegate()
            delegate.onLaunch = { [refresh] in
                for _ in 0..<2 {
                    BGTaskScheduler.shared.register(forTaskWithIdentifier: refresh, using: nil) { _ in }
                }
            }
            system.install(phoneApp: { delegate })
            system.open()
            #expect(
                system.faults == [
                    .exception("Launch handler for task with identifier \(refresh) has already been registered")
                ])
            #expect(delegate.calls == ["didFinishLaunching"])
        }
    }

    @Test func aTaskWithoutAHandlerKills() async throws {
        // rule W5
        try await System.exclusive { system in
            await suspend(on: system) { _ in }
            let forgotten = "com.example.forgotten"
            system.permitTasks([forgotten])
            try BGTaskScheduler.shared.submit(BGProcessingTaskRequest(identifier: forgotten))
            system.launchTask(withIdentifier: forgotten)
            #expect(
                system.faults == [.exception("No launch handler registered for task with identifier \(forgotten)")])
        }
    }

    @Test func onlyPermittedIdentifiersAreTaken() async {
        // rule P6
        await System.exclusive { system in
            #expect(throws: BGTaskScheduler.Error(.notPermitted)) {
                try BGTaskScheduler.shared.submit(BGAppRefreshTaskRequest(identifier: refresh))
            }
            #expect(!BGTaskScheduler.shared.register(forTaskWithIdentifier: refresh, using: nil) { _ in })
            system.permitTasks([refresh])
            system.isBackgroundRefreshAllowed = false
            #expect(throws: BGTaskScheduler.Error(.unavailable)) {
                try BGTaskScheduler.shared.submit(BGAppRefreshTaskRequest(identifier: refresh))
            }
        }
    }

    @Test func oneRefreshAndTenProcessingRequestsAreKept() async throws {
        // rule P6
        try await System.exclusive { system in
            let identifiers = (0...10).map { "com.example.\($0)" }
            system.permitTasks(Set(identifiers))
            let scheduler = BGTaskScheduler.shared
            for identifier in identifiers.prefix(10) {
                try scheduler.submit(BGProcessingTaskRequest(identifier: identifier))
            }
            // The same identifier again takes the first one's place.
            try scheduler.submit(BGProcessingTaskRequest(identifier: identifiers[0]))
            #expect(throws: BGTaskScheduler.Error(.tooManyPendingTaskRequests)) {
                try scheduler.submit(BGProcessingTaskRequest(identifier: identifiers[10]))
            }
            scheduler.cancelAllTaskRequests()
            try scheduler.submit(BGAppRefreshTaskRequest(identifier: identifiers[0]))
            #expect(throws: BGTaskScheduler.Error(.tooManyPendingTaskRequests)) {
                try scheduler.submit(BGAppRefreshTaskRequest(identifier: identifiers[1]))
            }
            scheduler.cancel(taskRequestWithIdentifier: identifiers[0])
            try scheduler.submit(BGAppRefreshTaskRequest(identifier: identifiers[1]))
        }
    }
}
