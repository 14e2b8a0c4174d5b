import Foundation
import Testing
import WatchAppContent

/// The files that the app shares with its widget.
final class StoreTests {
    private let store = PostcardStore(
        directory: URL.temporaryDirectory.appendingPathComponent("watch-app-store-\(UUID().uuidString)"))

    deinit {
        try? FileManager.default.removeItem(at: store.directory)
    }

    private func arrive(_ postcard: Postcard) throws {
        let file = store.directory.appendingPathComponent(PostcardStore.picturePath(of: postcard.id))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("picture".utf8).write(to: file)
    }

    @Test func withoutAFeedTheWidgetShowsNothingYet() throws {
        let now = Postcard.day
        #expect(try store.feed() == nil)
        #expect(try store.timeline(from: now) == [WidgetMoment(date: now, postcard: nil, picture: nil)])
    }

    @Test func theTimelineIsThePostcardOfNowAndThoseToCome() throws {
        try store.install(json(of: [.evening, .morning, .noon]))
        try arrive(.noon)
        let picture = try #require(store.picture(of: .noon))
        #expect(
            try store.timeline(from: Postcard.noon.date + 60) == [
                WidgetMoment(date: Postcard.noon.date + 60, postcard: .noon, picture: picture),
                WidgetMoment(date: Postcard.evening.date, postcard: .evening, picture: nil),
            ])
        #expect(try store.timeline(from: Postcard.noon.date).map(\.postcard) == [.noon, .evening])
        #expect(try store.timeline(from: Postcard.day).map(\.postcard) == [nil, .morning, .noon, .evening])
        #expect(try store.timeline(from: .distantFuture).map(\.postcard) == [.evening])
    }

    @Test func picturesThatNoFeedNamesAreRemoved() throws {
        try store.install(json(of: [.morning, .noon]))
        try arrive(.morning)
        try arrive(.noon)
        let partFile = store.directory.appendingPathComponent("pictures/.of-a-download")
        try Data().write(to: partFile)
        try store.install(json(of: [.noon]))
        #expect(store.picture(of: .morning) == nil)
        #expect(store.picture(of: .noon) != nil)
        #expect(FileManager.default.fileExists(atPath: partFile.path), "what begins with a dot is not ours")
    }

    @Test func whatIsNoFeedDoesNotTakeTheFeedsPlace() throws {
        try store.install(json(of: [.morning]))
        #expect(throws: Feed.Mistake.notJSON) { try store.install(Data("<html>".utf8)) }
        #expect(try store.feed()?.postcards == [.morning])
    }

    @Test func newsIsToldOnceAndOutlivesAnInterruptedTelling() throws {
        // rule D4
        struct Died: Error {}
        var told = 0
        try store.tellNews { told += 1 }
        #expect(told == 0)
        try store.install(json(of: [.morning]))
        try store.noteNews()
        #expect(throws: Died.self) { try store.tellNews { throw Died() } }
        try store.tellNews { told += 1 }
        #expect(told == 1)
        try store.install(json(of: [.morning]))
        try store.tellNews { told += 1 }
        #expect(told == 1, "the same feed once more is no news")
    }
}
