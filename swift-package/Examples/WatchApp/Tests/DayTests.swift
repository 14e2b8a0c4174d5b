import Foundation
import StandInSystem
import Testing
import WatchAppContent

/// A whole day of the app's, on a watch that kills whoever breaks its rules. Each step asserts what the model shows, and
/// what the widget would.
@MainActor
struct DayTests {
    @Test func aDay() async throws {
        // rules S5, S7, S9, L5, L6, P2, P4, P6, P8, W2, W3, W5
        try await Watch.with { watch in
            try await firstUse(watch)
            try await asleep(watch)
            try await deadAndOnTheCharger(watch)
            try await inUseAgain(watch)
            try await endedByForce(watch)
            try await night(watch)

            // Nothing was lost, and nothing was carried twice but what had been stopped on the way.
            let pictures = watch.carrier.started.filter { $0.hasPrefix("pictures/") }.sorted()
            #expect(
                pictures == [
                    "pictures/evening.png", "pictures/evening.png", "pictures/morning.png", "pictures/noon.png",
                    "pictures/panorama.png", "pictures/panorama.png",
                ])
            #expect(watch.wakes == [.transfers, .refresh, .transfers, .refresh, .transfers])
            #expect(watch.system.openTickets.isEmpty && watch.system.faults == [], "each completed once, in time")
        }
    }

    /// Six o'clock: the user opens the app for the first time.
    private func firstUse(_ watch: Watch) async throws {
        try watch.serve(.morning, .noon)
        watch.open()
        try await watch.shows()

        // Pulled down twice, it is still one feed.
        await watch.app?.model.refresh()
        await watch.app?.model.refresh()
        try await watch.shows(
            tasks: "Postcards: Downloading.", "Picture of the day: Waits for the download before it.")
        try await watch.carries("feed.json")

        // It comes while the app is on the screen, and the pictures are asked for at once.
        try watch.carrier.finish("feed.json")
        try await watch.carries("cover", "pictures/morning.png", "pictures/noon.png")
        try await watch.shows(
            ["morning", "noon"],
            tasks: "Picture of the day: Downloading.", "Morning: Downloading.", "Noon: Downloading.",
            "Next postcards: Waits for a good moment, such as charging.")
        #expect(watch.carrier.started.filter { $0 == "feed.json" }.count == 1)
        #expect(try watch.widget(at: 6) == ["nothing", "morning", "noon"])
        #expect(watch.widgetReloads == 1)

        // The wrist goes down: still frontmost, the app is told without a wake.
        watch.system.lowerWrist()
        try watch.carrier.finish("cover")
        try await watch.shows(
            ["morning", "noon"],
            tasks: "Morning: Downloading.", "Noon: Downloading.",
            "Next postcards: Waits for a good moment, such as charging.")
        #expect(try watch.coverOnScreen == Data("cover".utf8))
        await watch.wait(until: 6.5)
        #expect(watch.system.appState == .suspended && watch.wakes == [])
    }

    /// Half past six: the pictures come to an app that sleeps.
    private func asleep(_ watch: Watch) async throws {
        try watch.carrier.finish("pictures/morning.png")
        await watch.wait(until: 6.75)
        #expect(watch.wakes == [], "one of two is no reason to wake the app")

        try watch.carrier.finish("pictures/noon.png")
        await watch.wait(until: 6.8)
        #expect(watch.wakes == [.transfers])
        #expect(watch.system.openTickets.isEmpty && watch.system.appState == .suspended)
        #expect(try watch.widget(at: 7) == ["nothing", "morning+", "noon+"])
        #expect(watch.widgetReloads == 2, "two pictures, one reload")
    }

    /// The system takes the app's memory; the watch is charged meanwhile.
    private func deadAndOnTheCharger(_ watch: Watch) async throws {
        try await watch.die { $0.purge() }
        try watch.serve(.noon, .evening, .panorama)
        watch.system.battery.charging = .charging

        // The refresh that the app asked for finds the charger, and the next feed goes on its way.
        await watch.wait(until: 9)
        #expect(watch.wakes == [.transfers, .refresh])
        try await watch.carries("feed.json")
        #expect(watch.system.openTickets.isEmpty && watch.system.appState == .suspended)

        // It comes to an app that is dead again: the pictures, the large one too, are asked for in the wake.
        try await watch.die { $0.purge() }
        try watch.carrier.finish("feed.json")
        await watch.wait(until: 9.5)
        #expect(watch.wakes == [.transfers, .refresh, .transfers])
        try await watch.carries("feed.json", "pictures/evening.png", "pictures/panorama.png")
        #expect(try watch.widget(at: 9.5) == ["nothing", "noon+", "evening", "panorama"])
        #expect(watch.store.picture(of: .morning) == nil, "no feed names it any more")
        #expect(watch.widgetReloads == 3)
    }

    /// Ten o'clock: off the charger, and the user looks at the list.
    private func inUseAgain(_ watch: Watch) async throws {
        await watch.wait(until: 10)
        watch.system.battery.charging = .unplugged
        watch.open()
        try await watch.shows(
            ["noon+", "evening", "panorama"],
            tasks: "Evening: Waits for a good moment, such as charging.",
            "Panorama: Large: waits for charger and Wi-Fi.",
            "Next postcards: Waits for a good moment, such as charging.")
        try await watch.carries()

        watch.system.isLowPowerModeEnabled = true
        try await watch.shows(
            ["noon+", "evening", "panorama"],
            tasks: "Evening: Waits until Low Power Mode is off.", "Panorama: Large: waits for charger and Wi-Fi.",
            "Next postcards: Waits until Low Power Mode is off.")

        // What is under way stays when the list is pulled down, and the same feed once more is no news.
        await watch.app?.model.refresh()
        try await watch.carries("feed.json")
        try watch.carrier.finish("feed.json")
        try await watch.carries("cover")
        try watch.carrier.receive(3, of: "cover")
        try await watch.shows(
            ["noon+", "evening", "panorama"],
            tasks: "Evening: Waits until Low Power Mode is off.", "Panorama: Large: waits for charger and Wi-Fi.",
            "Next postcards: Waits until Low Power Mode is off.",
            "Picture of the day: Downloading. 60 %")
        #expect(watch.widgetReloads == 3)
    }

    /// The user swipes the app away, which cancels its transfers; opened again, it goes on.
    private func endedByForce(_ watch: Watch) async throws {
        try await watch.die { $0.forceQuit() }
        watch.carrier.cancelAll()
        watch.system.isLowPowerModeEnabled = false
        await watch.wait(until: 18)
        #expect(watch.wakes.count == 3, "nothing wakes it")

        watch.open()
        try await watch.carries("cover")
        try watch.carrier.finish("cover")
        try await watch.shows(
            ["noon+", "evening", "panorama"],
            tasks: "Evening: Waits for a good moment, such as charging.",
            "Panorama: Large: waits for charger and Wi-Fi.",
            "Next postcards: Waits for a good moment, such as charging.")
    }

    /// On the charger again: all that waited comes, and the widget has everything by the morning.
    private func night(_ watch: Watch) async throws {
        await watch.leave()
        try await watch.die { $0.purge() }
        watch.system.battery.charging = .charging
        await watch.wait(until: 22)
        try await watch.carries("feed.json", "pictures/evening.png", "pictures/panorama.png")
        #expect(try watch.widget(at: 22) == ["panorama"])

        try watch.carrier.finish("feed.json", "pictures/evening.png", "pictures/panorama.png")
        await watch.wait(until: 23)
        #expect(try watch.widget(at: 12) == ["noon+", "evening+", "panorama+"])
        #expect(watch.widgetReloads == 4)
        for postcard in [Postcard.noon, .evening, .panorama] {
            let file = try #require(watch.store.picture(of: postcard))
            #expect(try Data(contentsOf: file) == postcard.pictureData)
        }
        #expect(watch.system.appState == .suspended)
    }
}
