import Foundation
import Testing
import WatchAppContent

/// The feed is a server's: nothing of it is taken on trust.
struct FeedTests {
    @Test func aFeedIsReadInTheOrderOfItsDates() throws {
        let feed = try Feed(json: json(of: [.noon, .morning]))
        #expect(feed.postcards == [.morning, .noon])
    }

    @Test func anIDBecomesTheNameOfAFile() {
        // rule T4
        for id in ["", "../feed", "a/b", ".hidden", "a b", "ä", String(repeating: "a", count: 65)] {
            #expect(throws: Feed.Mistake.badID(id)) { try Feed(postcards: [.named(id)]) }
        }
        #expect(throws: Feed.Mistake.badID("noon")) { try Feed(postcards: [.noon, .named("noon")]) }
    }

    @Test func aPictureLiesInTheFeedsFolder() {
        // rule T4
        for path in ["", "/a", "../a", "a//b", "a/..", "https://elsewhere.example/a", "a?b"] {
            #expect(throws: Feed.Mistake.badPath(path)) { try Feed(postcards: [.named("a", path: path)]) }
        }
    }

    @Test func aDigestIsOne() {
        // rule H6
        for digest in ["", "abc", String(repeating: "g", count: 64), String(repeating: "0", count: 65)] {
            #expect(throws: Feed.Mistake.badDigest(digest)) { try Feed(postcards: [.named("a", sha256: digest)]) }
        }
    }

    @Test func whatIsNoFeedIsSaidToBeNone() throws {
        // rule T5
        #expect(throws: Feed.Mistake.notJSON) { try Feed(json: Data("<html>".utf8)) }
        #expect(throws: Feed.Mistake.notJSON) { try Feed(json: Data(#"{"postcards": [{"id": "a"}]}"#.utf8)) }
        let many = (0...Feed.longest).map { Postcard.named("p\($0)") }
        #expect(throws: Feed.Mistake.tooLong) { try Feed(json: json(of: many)) }
        #expect(try Feed(json: json(of: many.dropLast())).postcards.count == Feed.longest)
    }
}
