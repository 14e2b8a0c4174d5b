import Backhaul
import Foundation
import StandInSystem
import Testing

/// `.backgroundTask(.urlSession(…))` in one line: the wake is over when the call returns.
@MainActor
struct SwiftUIWakeTests {
    @Test func itReturnsWhenEverythingWasTold() async throws {
        // rules S5, W3, W4
        try await withPhone { phone in
            phone.system.open()
            try await phone.download()
            await phone.leave()
            #expect(phone.finishQuietly() == 1)
            await phone.sessions?.handleBackgroundEvents(forSession: "maps")
            #expect(phone.told.hasDownload(in: "maps"))
        }
    }

    @Test func itReturnsAtOnceForASessionThatNobodyKnows() async throws {
        // rules S5, W3
        try await withPhone { phone in
            phone.system.open()
            await phone.sessions?.handleBackgroundEvents(forSession: "of an older version")
            #expect(phone.told.events.isEmpty)
        }
    }

    @Test func aRefreshIsForEverySession() async throws {
        // rules S5, W3
        try await withPhone(sessions: ["maps", "news"]) { phone in
            phone.system.open()
            try await phone.download(in: "maps")
            try await phone.download(in: "news")
            await phone.leave()
            #expect(phone.finishQuietly(in: "maps") + phone.finishQuietly(in: "news") == 2)
            await phone.sessions?.handleWake()
            #expect(phone.told.hasDownload(in: "maps") && phone.told.hasDownload(in: "news"))
        }
    }

    @Test func itReturnsSoonAfterSwiftUIHasCancelledIt() async throws {
        // rule W3
        try await withPhone { phone in
            let gate = Gate()
            let isAtWork = Trace<Bool>()
            defer { gate.open() }
            phone.atFile = {
                isAtWork.add(true)
                gate.pass()
            }
            phone.system.open()
            try await phone.download()
            await phone.leave()
            #expect(phone.finishQuietly() == 1)
            let sessions = try #require(phone.sessions)
            let wake = Task { await sessions.handleBackgroundEvents(forSession: "maps") }
            try await isAtWork.wait(for: true)
            let began = ContinuousClock.now
            wake.cancel()
            await wake.value
            #expect(began.duration(to: .now) < .seconds(5), "not after the 25 seconds of an ordinary wake")
            #expect(!phone.told.events.contains(.end(in: "maps")), "the delegate is still at work")
        }
    }

    @Test func aTaskThatWasCancelledBeforeReturnsToo() async throws {
        // rule W3
        try await withPhone { phone in
            let gate = Gate()
            defer { gate.open() }
            phone.atFile = { gate.pass() }
            phone.system.open()
            try await phone.download()
            await phone.leave()
            #expect(phone.finishQuietly() == 1)
            let sessions = try #require(phone.sessions)
            let began = ContinuousClock.now
            let wake = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                await sessions.handleBackgroundEvents(forSession: "maps")
            }
            await wake.value
            #expect(began.duration(to: .now) < .seconds(5))
        }
    }
}
