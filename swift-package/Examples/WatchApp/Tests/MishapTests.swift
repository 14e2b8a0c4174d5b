import Backhaul
import Foundation
import StandInSystem
import Testing
import WatchAppContent
import WatchAppModel
import WatchKit

/// What goes wrong, and what the user sees of it.
@MainActor
struct MishapTests {
    @Test func aFeedThatIsNoneLeavesTheOldOne() async throws {
        // rule H5: what a status calls a success need not be one
        try await Watch.with { watch in
            try watch.serve(.morning)
            try await watch.refresh()
            try watch.carrier.finish("pictures/morning.png", "cover")
            try await watch.shows(["morning+"], tasks: "Next postcards: Waits for a good moment, such as charging.")

            watch.carrier.served["feed.json"] = Data("<html>sign in</html>".utf8)
            await watch.app?.model.refresh()
            try await watch.carries("feed.json")
            try watch.carrier.finish("feed.json")
            try await watch.carries("cover")
            try await watch.shows(
                ["morning+"],
                tasks: "Next postcards: Waits for a good moment, such as charging.",
                "Postcards: The server sent something that is not a feed.", "Picture of the day: Downloading.")
            #expect(try watch.widget(at: 9) == ["morning+"])
        }
    }

    @Test func aPictureThatIsMissingIsAskedForWithTheNextFeed() async throws {
        // rules H5, E3, L5
        try await Watch.with { watch in
            try watch.serve(.morning)
            watch.carrier.served["pictures/morning.png"] = nil
            try await watch.refresh()
            try watch.carrier.finish("pictures/morning.png")
            try watch.carrier.finish("cover")
            try await watch.shows(
                ["morning"],
                tasks: "Morning: the server answered with status 404; check the URL",
                "Next postcards: Waits for a good moment, such as charging.")
            #expect(try watch.widget(at: 9) == ["morning"], "the words are shown without it")

            try watch.serve(.morning)
            try await watch.refresh()
            try watch.carrier.finish("pictures/morning.png")
            try await watch.shows(
                ["morning+"],
                tasks: "Next postcards: Waits for a good moment, such as charging.",
                "Picture of the day: Downloading.")
        }
    }

    @Test func aFeedThatCannotBeStoredIsToldAgainAtTheNextLaunch() async throws {
        // rule D4
        try await Watch.with { watch in
            let inTheWay = watch.store.directory.appendingPathComponent("feed.json")
            try FileManager.default.createDirectory(at: inTheWay, withIntermediateDirectories: true)
            try watch.serve(.morning)
            watch.open()
            await watch.app?.model.refresh()
            try await watch.carries("feed.json")
            try watch.carrier.finish("feed.json")
            try await watch.carries("cover", "pictures/morning.png")
            try await watch.die { $0.reboot() }

            try FileManager.default.removeItem(at: inTheWay)
            watch.open()
            try await watch.shows(
                ["morning"],
                tasks: "Picture of the day: Downloading.", "Morning: Downloading.",
                "Next postcards: Waits for a good moment, such as charging.")
            let started = watch.carrier.started
            #expect(started == ["feed.json", "cover", "pictures/morning.png"], "nothing was fetched twice")
        }
    }

    @Test func anAppWithoutItsAppGroupSaysSoAndGivesItsWakesBack() async throws {
        // rule W3
        await System.exclusive { system in
            let app = AppDelegate()
            system.install(watchApp: { app })
            system.open()
            #expect(app.model.problem == "The target has no entitlement for the app group \(AppGroup.identifier).")
            system.leave()
            await system.advance(by: .minutes(1))
            system.transferStarted(in: "postcards")
            system.transferFinished(in: "postcards")
            await system.advance(by: .minutes(1))
            #expect(system.appState == .suspended)
            #expect(system.openTickets.isEmpty && system.faults == [])
        }
    }
}

extension Watch {
    /// The user pulls the list down, and the feed is there.
    fileprivate func refresh() async throws {
        open()
        await app?.model.refresh()
        try await carries("feed.json")
        try carrier.finish("feed.json")
        try await carries("cover", "pictures/morning.png")
    }
}
