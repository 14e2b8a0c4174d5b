import Backhaul
import Foundation
import StandInSystem
import Testing
import UIKit

/// What the other tests rely on: the simulated system ends an app whose glue breaks a rule.
@MainActor
struct BrokenGlueTests {
    private func fault(of app: @escaping @MainActor (Rig) -> PhoneApp) async throws -> [Death.Reason] {
        var faults: [Death.Reason] = []
        try await withPhone(app: app) { phone in
            phone.system.open()
            try await phone.download()
            await phone.leave()
            phone.system.patience = .seconds(1)
            await phone.finishTransfers()
            await phone.system.advance(by: .minutes(1))
            faults = phone.system.faults
        }
        return faults
    }

    @Test func aHandlerThatIsCalledTwiceKills() async throws {
        // rule W3
        final class Twice: PhoneApp {
            override func handle(_ identifier: String, _ completionHandler: @escaping () -> Void) {
                super.handle(identifier) {
                    completionHandler()
                    completionHandler()
                }
            }
        }
        #expect(try await fault(of: Twice.init) == [.completedTwice(.backgroundSession("maps"))])
    }

    @Test func aHandlerThatIsNotCalledKills() async throws {
        // rule W3
        final class Never: PhoneApp {
            override func handle(_ identifier: String, _ completionHandler: @escaping () -> Void) {}
        }
        #expect(try await fault(of: Never.init) == [.neverCompleted(.backgroundSession("maps"))])
    }

    @Test func aHandlerThatIsCalledElsewhereKills() async throws {
        // rule W4
        final class Elsewhere: PhoneApp {
            override func handle(_ identifier: String, _ completionHandler: @escaping () -> Void) {
                nonisolated(unsafe) let handler = completionHandler
                let ticket = WakeTicket(onMain: false) { handler() }
                sessions?.handleBackgroundEvents(forSession: identifier, ticket: ticket)
            }
        }
        let faults = try await fault(of: Elsewhere.init)
        guard case .notOnMainThread = faults.first else {
            Issue.record("\(faults) instead of a death for the wrong thread")
            return
        }
    }
}
