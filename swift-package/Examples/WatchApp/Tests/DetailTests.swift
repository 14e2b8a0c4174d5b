import Backhaul
import Foundation
import Testing

@testable import WatchAppModel

/// One task in full: where it stands, and why.
@MainActor
struct DetailTests {
    @Test func aTaskThatIsForLaterSaysWhen() async throws {
        // rules E1, P1
        try await Watch.with { watch in
            watch.change = { $0.refreshInterval = .seconds(60 * 60) }
            watch.system.battery.charging = .charging
            try watch.serve()
            watch.open()
            let before = Date()
            await watch.app?.model.refresh()
            try await watch.carries("feed.json")
            try watch.carrier.finish("feed.json")
            try await watch.shows(tasks: "Picture of the day: Downloading.", "Next postcards: Begins later.")

            let row = try #require(watch.row("Next postcards"))
            let detail = try #require(await watch.app?.model.detail(of: row.id))
            #expect(detail.row == row)
            #expect(detail.unblockedBy == WaitReason.earliestBeginDate.unblockedBy)
            let due = try #require(detail.nextEvaluation).timeIntervalSince(before)
            #expect((3600...3660).contains(due), "an hour after the feed, not \(due) s")
            let deadline = try #require(detail.deadline).timeIntervalSince(before)
            #expect((4 * 3600...4 * 3600 + 60).contains(deadline), "four hours, not \(deadline) s")
            #expect(detail.attempts == [] && detail.discarded == 0)
        }
    }

    @Test func aTaskThatCameHasNoDetailAnyMore() async throws {
        // rule E1
        try await Watch.with { watch in
            try watch.serve()
            watch.open()
            await watch.app?.model.refresh()
            try await watch.carries("feed.json")
            let id = try #require(watch.row("Postcards")?.id)
            #expect(await watch.app?.model.detail(of: id)?.row.status == "Downloading.")
            try watch.carrier.finish("feed.json")
            try await watch.shows(
                tasks: "Picture of the day: Downloading.", "Next postcards: Waits for a good moment, such as charging.")
            #expect(await watch.app?.model.detail(of: id) == nil)
            #expect(watch.app?.model.problem == nil)
        }
    }
}
