import BackgroundTasks
import Foundation
import StandInSystem
import Testing
import UIKit

@testable import Backhaul

private let refresh = "com.example.refresh"
private let processing = "com.example.processing"

/// `BGTaskScheduler` as the app's wake scheduler.
@MainActor
struct BackgroundTaskWakesTests {
    /// A phone whose app asks for wakes through `BGTaskScheduler`.
    private func withScheduler(_ test: @MainActor (Rig) async throws -> Void) async throws {
        try await withPhone { phone in
            phone.system.permitTasks([refresh, processing])
            phone.makeScheduler = {
                try BackgroundTaskWakes(refreshIdentifier: refresh, processingIdentifier: processing)
            }
            try await test(phone)
        }
    }

    // MARK: - What is asked for

    @Test func discretionaryWorkAsksForAProcessingTask() async throws {
        // rules P6, P4
        try await withScheduler { phone in
            phone.configure = { _ in }
            phone.system.open()
            try await phone.enqueue()
            _ = try await phone.witness?.request(where: \.charging)

            let requests = await pendingRequests()
            let night = try #require(requests[processing])
            #expect(night.isProcessing && night.requiresExternalPower && night.requiresNetworkConnectivity)
            let latest = try #require(requests[refresh]?.earliestBeginDate)
            #expect(latest > Date.now + 24 * 60 * 60, "when it gives up its first wish")
        }
    }

    @Test func workThatLacksOnlyRunTimeAsksForARefresh() async throws {
        // rule P6
        try await withScheduler { phone in
            phone.usesService = false
            phone.system.open()
            try await phone.enqueue(notBefore: .now + 60 * 60)
            let request = try await phone.witness?.request(where: \.network)
            let requests = await pendingRequests()
            #expect(requests.keys.sorted() == [refresh])
            #expect(requests[refresh]?.earliestBeginDate == request?.earliestBeginDate)
        }
    }

    @Test func withNothingLeftNothingIsAskedFor() async throws {
        // rule P6
        try await withScheduler { phone in
            phone.configure = { _ in }
            phone.system.open()
            let task = try await phone.enqueue()
            _ = try await phone.witness?.request(where: \.charging)
            try task.cancel()
            try await phone.witness?.calls.wait(for: .cancel)
            #expect(await pendingRequests().isEmpty)
        }
    }

    @Test func anIdentifierThatThePropertyListLacksIsAnError() async throws {
        // rule P6
        try await System.exclusive { system in
            let app = AppWithoutSessions()
            system.install(phoneApp: { app })
            system.permitTasks([refresh])
            system.open()
            let error = try #require(app.error)
            #expect(error.kind == .system && error.reason.contains(processing))
        }
    }

    // MARK: - What comes of it

    @Test func aRefreshIsHandedToTheSessionsAndCompleted() async throws {
        // rules S5, W3
        try await withScheduler { phone in
            phone.system.open()
            try await phone.download()
            await phone.leave()
            #expect(phone.finishQuietly() == 1)
            try BGTaskScheduler.shared.submit(BGAppRefreshTaskRequest(identifier: refresh))
            #expect(phone.system.launchTask(withIdentifier: refresh))
            #expect(await phone.isTold(in: "maps"))
            #expect(phone.system.outcome(ofTask: refresh) == true)
            #expect(phone.system.deaths.isEmpty)
        }
    }

    @Test func aTaskThatLaunchesTheAppIsHandedOver() async throws {
        // rules S5, W3, W5
        try await withScheduler { phone in
            phone.system.open()
            try await phone.download()
            await phone.leave()
            #expect(phone.finishQuietly() == 1)
            phone.system.purge()
            try BGTaskScheduler.shared.submit(BGProcessingTaskRequest(identifier: processing))
            #expect(phone.system.launchTask(withIdentifier: processing))
            #expect(await phone.isTold(in: "maps"))
            #expect(phone.system.outcome(ofTask: processing) == true)
            #expect(phone.system.faults.isEmpty)
        }
    }

    @Test func theSystemTakesATaskBackBeforeItsLimit() async throws {
        // rule W3
        try await withScheduler { phone in
            let gate = Gate()
            defer { gate.open() }
            phone.atFile = { gate.pass() }
            phone.system.open()
            try await phone.download()
            await phone.leave()
            #expect(phone.finishQuietly() == 1)
            try BGTaskScheduler.shared.submit(BGProcessingTaskRequest(identifier: processing))
            #expect(phone.system.launchTask(withIdentifier: processing))
            phone.system.patience = .milliseconds(100)
            await phone.system.advance(by: .seconds(1))
            #expect(phone.system.openTickets == [.processing(processing)])

            phone.system.patience = .seconds(5)
            await phone.system.advance(by: phone.system.limits.processing)
            #expect(phone.system.outcome(ofTask: processing) == false)
            #expect(phone.system.openTickets.isEmpty && phone.system.deaths.isEmpty)
        }
    }

    @Test func aTaskThatComesIntoAnotherWakeIsCompletedForItself() async throws {
        // rule W3
        try await withScheduler { phone in
            let gate = Gate()
            phone.atFile = { gate.pass() }
            phone.system.open()
            try await phone.download()
            await phone.leave()
            phone.system.patience = .milliseconds(100)
            await phone.finishTransfers()
            try BGTaskScheduler.shared.submit(BGAppRefreshTaskRequest(identifier: refresh))
            #expect(phone.system.launchTask(withIdentifier: refresh))
            #expect(phone.system.openTickets == [.backgroundSession("maps"), .appRefresh(refresh)])

            gate.open()
            #expect(await phone.isTold(in: "maps"))
            #expect(phone.system.outcome(ofTask: refresh) == true)
            #expect(phone.system.deaths.isEmpty)
        }
    }

    @Test func aTaskThatFindsNoSessionsIsGivenBack() async throws {
        // rule W3
        try await System.exclusive { system in
            let app = AppWithoutSessions()
            system.install(phoneApp: { app })
            system.permitTasks([refresh, processing])
            system.open()
            #expect(app.error == nil)
            try BGTaskScheduler.shared.submit(BGAppRefreshTaskRequest(identifier: refresh))
            #expect(system.launchTask(withIdentifier: refresh))
            #expect(await system.ticketsAreReturned())
            #expect(system.outcome(ofTask: refresh) == false)
            #expect(system.deaths.isEmpty)
        }
    }
}

/// An app that has a scheduler and no sessions.
@MainActor
private final class AppWithoutSessions: NSObject, UIApplicationDelegate {
    private(set) var error: BackhaulError?
    private var wakes: BackgroundTaskWakes?

    func application(
        _ application: UIApplication,
        didFinishLaunchingWithOptions launchOptions: [UIApplication.LaunchOptionsKey: Any]?
    ) -> Bool {
        do throws(BackhaulError) {
            wakes = try BackgroundTaskWakes(refreshIdentifier: refresh, processingIdentifier: processing)
        } catch {
            self.error = error
        }
        return true
    }
}

/// What the system was asked for, by identifier.
private func pendingRequests() async -> [String: Pending] {
    await withCheckedContinuation { continuation in
        BGTaskScheduler.shared.getPendingTaskRequests { requests in
            let pending = requests.map { ($0.identifier, Pending($0)) }
            continuation.resume(returning: Dictionary(uniqueKeysWithValues: pending))
        }
    }
}

private struct Pending: Sendable {
    let earliestBeginDate: Date?
    let isProcessing: Bool
    let requiresNetworkConnectivity: Bool
    let requiresExternalPower: Bool

    init(_ request: BGTaskRequest) {
        let processing = request as? BGProcessingTaskRequest
        earliestBeginDate = request.earliestBeginDate
        isProcessing = processing != nil
        requiresNetworkConnectivity = processing?.requiresNetworkConnectivity ?? false
        requiresExternalPower = processing?.requiresExternalPower ?? false
    }
}
