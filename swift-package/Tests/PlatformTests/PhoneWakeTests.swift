import Backhaul
import Foundation
import StandInSystem
import Testing
import UIKit

/// `handleEventsForBackgroundURLSession` in one line.
@MainActor
struct PhoneWakeTests {
    @Test func aWakeIsOverWhenEverythingWasTold() async throws {
        // rules S5, W3, W4
        try await withPhone { phone in
            phone.system.open()
            try await phone.download()
            await phone.leave()
            await phone.finishTransfers()
            #expect(phone.wakes.events == ["maps"])
            #expect(phone.told.hasDownload(in: "maps"))
            #expect(phone.system.openTickets.isEmpty && phone.system.deaths.isEmpty)
        }
    }

    @Test func aDeadAppIsLaunchedForItsWake() async throws {
        // rules S5, S7, W5
        try await withPhone { phone in
            phone.system.open()
            try await phone.download()
            await phone.leave()
            phone.system.purge()
            await phone.finishTransfers()
            #expect(phone.wakes.events == ["maps"])
            #expect(phone.told.hasDownload(in: "maps"))
            #expect(phone.system.openTickets.isEmpty && phone.system.faults.isEmpty)
        }
    }

    @Test func overlappingWakesAreEachCompletedOnce() async throws {
        // rule W3
        try await withPhone(sessions: ["maps", "news"]) { phone in
            phone.system.open()
            try await phone.download(in: "maps")
            try await phone.download(in: "news")
            await phone.leave()
            await phone.finishTransfers(in: "maps", "news")
            #expect(phone.wakes.events.sorted() == ["maps", "news"])
            #expect(phone.told.hasDownload(in: "maps") && phone.told.hasDownload(in: "news"))
            #expect(phone.system.openTickets.isEmpty && phone.system.deaths.isEmpty)
        }
    }

    @Test func aWakeForASessionThatNobodyKnowsIsOverAtOnce() async throws {
        // rules S5, W3
        try await withPhone { phone in
            phone.system.open()
            phone.system.transferStarted(in: "of an older version")
            await phone.leave()
            phone.system.transferFinished(in: "of an older version")
            await phone.system.advance(by: .seconds(1))
            #expect(phone.wakes.events == ["of an older version"])
            #expect(phone.told.events.isEmpty)
            #expect(phone.system.openTickets.isEmpty && phone.system.deaths.isEmpty)
        }
    }

    @Test func aSlowDelegateIsWaitedFor() async throws {
        // rules W3, L2
        try await withPhone { phone in
            phone.atFile = { Thread.sleep(forTimeInterval: 1) }
            phone.system.open()
            try await phone.download()
            await phone.leave()
            let began = ContinuousClock.now
            await phone.finishTransfers()
            #expect(began.duration(to: .now) >= .seconds(1) && phone.told.hasDownload(in: "maps"))
            #expect(phone.system.openTickets.isEmpty && phone.system.deaths.isEmpty)
        }
    }

    @Test func aDelegateThatThrowsEndsTheWakeAndIsToldAgain() async throws {
        // rules W3, D4
        struct NotToday: Error {}
        try await withPhone { phone in
            phone.atFile = { throw NotToday() }
            phone.system.open()
            try await phone.download()
            await phone.leave()
            await phone.finishTransfers()
            #expect(phone.wakes.events == ["maps"])
            #expect(phone.system.openTickets.isEmpty && phone.system.deaths.isEmpty)
            #expect(!phone.told.events.contains(.end(in: "maps")))

            phone.system.purge()
            phone.atFile = {}
            phone.system.open()
            try await phone.told.wait(for: .end(in: "maps"))
        }
    }

    @Test func whatWasNotToldIsToldWhenTheAppBecomesActive() async throws {
        // rules W7, S11
        try await withPhone { phone in
            phone.configure = { configuration in
                configuration.isDiscretionary = false
                configuration.sessionSendsLaunchEvents = false
            }
            phone.system.open()
            try await phone.download()
            await phone.leave()
            await phone.finishTransfers()
            phone.sessions?.handleWake(WakeTicket { phone.wakes.add("over") })
            try await phone.wakes.wait(for: "over")
            #expect(phone.told.events.isEmpty, "nothing is told in the background")

            phone.system.open()
            try await phone.told.wait(for: .end(in: "maps"))
        }
    }
}
