package dev.backhaul.wear.model

import dev.backhaul.wear.feedOf
import dev.backhaul.wear.postcard
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith

/** The feed is a server's: nothing of it is taken on trust. */
@RunWith(RobolectricTestRunner::class)
class FeedTest {
    private val morning = postcard("morning", hour = 8)
    private val noon = postcard("noon", hour = 12)

    private fun read(text: String) = Feed.read(text.encodeToByteArray())

    @Test
    fun `a feed is read in the order of its dates`() {
        assertEquals(listOf(morning, noon), Feed.read(feedOf(noon, morning)).postcards)
        assertEquals(emptyList(), read("""{"postcards": []}""").postcards)
    }

    @Test
    fun `what a later version adds is passed over`() {
        val json = String(feedOf(morning)).replaceFirst("{", """{"version": [1, {"a": null}], """)
        assertEquals(listOf(morning), read(json).postcards)
    }

    // rule T4
    @Test
    fun `an id becomes the name of a file`() {
        for (id in listOf("", "../feed", "a/b", ".hidden", "a b", "ä", "a".repeat(65))) {
            assertEquals(id, assertFailsWith<FeedMistake.BadId> { Feed.read(feedOf(postcard(id))) }.id)
        }
        assertFailsWith<FeedMistake.BadId> { Feed.of(listOf(noon, postcard("noon", hour = 13))) }
    }

    // rule T4
    @Test
    fun `a picture lies in the feed's folder`() {
        for (path in listOf("", "/a", "../a", "a//b", "a/..", "https://elsewhere.example/a", "a?b", "a#b")) {
            assertEquals(
                path,
                assertFailsWith<FeedMistake.BadPath> { Feed.of(listOf(postcard("a", path = path))) }.path,
            )
        }
    }

    // rule H6
    @Test
    fun `a digest and a length are what they say`() {
        for (digest in listOf("", "abc", "g".repeat(64), "0".repeat(65))) {
            assertFailsWith<FeedMistake.BadPicture> { Feed.of(listOf(postcard("a", sha256 = digest))) }
        }
        val negative = morning.copy(picture = morning.picture.copy(bytes = -1))
        assertFailsWith<FeedMistake.BadPicture> { Feed.of(listOf(negative)) }
    }

    // rule T5
    @Test
    fun `what is no feed is said to be none`() {
        val good = String(feedOf(morning))
        val bad =
            listOf(
                "",
                "<html>",
                "[]",
                """{"postcards": {}}""",
                """{"postcards": [{"id": "a"}]}""",
                """{"postcards": [1]}""",
                good.dropLast(1),
                "$good{}",
                good.replace("2026-01-01", "yesterday"),
                good.replaceFirst(Regex("\"bytes\":\\d+"), "\"bytes\":\"many\""),
            )
        for (text in bad) assertFailsWith<FeedMistake.NotJson>(text) { read(text) }
    }

    // rule T5
    @Test
    fun `what is too long or too deep does no harm`() {
        val many = List(Feed.LONGEST + 1) { postcard("p$it") }
        assertFailsWith<FeedMistake.TooLong> { Feed.read(feedOf(*many.toTypedArray())) }
        assertEquals(Feed.LONGEST, Feed.read(feedOf(*many.drop(1).toTypedArray())).postcards.size)
        assertFailsWith<FeedMistake.TooLong> { Feed.read(ByteArray(Feed.LONGEST_BYTES + 1)) }
        val deep = """{"other": ${"[".repeat(200_000)}"""
        assertFailsWith<FeedMistake.NotJson> { read(deep) }
    }
}
