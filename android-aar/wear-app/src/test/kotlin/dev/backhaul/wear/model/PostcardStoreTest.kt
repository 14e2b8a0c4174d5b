package dev.backhaul.wear.model

import dev.backhaul.wear.feedOf
import dev.backhaul.wear.offMainThread
import dev.backhaul.wear.postcard
import org.junit.Rule
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotNull
import kotlin.test.assertNull

/** The files that came. */
@RunWith(RobolectricTestRunner::class)
class PostcardStoreTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val store by lazy { PostcardStore(folder.root.toPath().resolve("content")) }

    private fun arrive(name: String) {
        val file = store.directory.resolve(PostcardStore.picturePath(name))
        file.parent.createDirectories()
        file.writeText("picture")
    }

    @Test
    fun `there is nothing until something came`() =
        offMainThread {
            assertNull(store.feed())
            assertNull(store.cover)
            assertNull(store.picture("morning"))
        }

    @Test
    fun `pictures that no feed names are removed, downloads under way are not`() =
        offMainThread {
            store.install(feedOf(postcard("morning"), postcard("noon")))
            arrive("morning")
            arrive("noon")
            arrive(".of-a-download")
            store.install(feedOf(postcard("noon")))
            assertNull(store.picture("morning"))
            assertNotNull(store.picture("noon"))
            assertNotNull(store.picture(".of-a-download"))
            assertEquals(listOf("noon"), store.feed()?.postcards?.map { it.id })
            val names = store.directory.listDirectoryEntries().map { it.name }
            assertEquals(setOf("feed.json", "pictures"), names.toSet())
        }

    @Test
    fun `what is no feed does not take the feed's place`() =
        offMainThread {
            store.install(feedOf(postcard("morning")))
            assertFailsWith<FeedMistake.NotJson> { store.install("<html>".encodeToByteArray()) }
            assertEquals(listOf("morning"), store.feed()?.postcards?.map { it.id })
        }

    @Test
    fun `a feed that this version does not understand is as none`() =
        offMainThread {
            store.install(feedOf(postcard("morning")))
            store.directory.resolve("feed.json").writeBytes(byteArrayOf(1, 2, 3))
            assertNull(store.feed())
            store.install(feedOf(postcard("noon")))
            assertEquals(listOf("noon"), store.feed()?.postcards?.map { it.id })
        }

    @Test
    fun `the main thread does not wait for the disk`() {
        assertFailsWith<IllegalStateException> { store.feed() }
        assertFailsWith<IllegalStateException> { store.cover }
        assertFailsWith<IllegalStateException> { store.picture("morning") }
        assertFailsWith<IllegalStateException> { store.install(feedOf()) }
        assertEquals(false, store.directory.exists())
    }
}
