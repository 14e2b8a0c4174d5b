package dev.backhaul.wear

import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import java.nio.file.Path
import kotlin.io.path.readBytes
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

/** What goes wrong, and what the user sees of it. */
@RunWith(RobolectricTestRunner::class)
@Config(application = TestPostcardsApp::class)
class MishapTest {
    private val morning = servedPostcard("morning", hour = 8)
    private val later = "Next postcards. Waits for a good moment, such as charging."

    // rule H5: what a status calls a success need not be one
    @Test
    fun `a feed that is none leaves the old one`() =
        Watch().use { watch ->
            watch.site.serve(morning)
            watch.open()
            watch.refresh()
            watch.shows(listOf("Morning+"), later)

            watch.site.serve("<html>sign in</html>".encodeToByteArray())
            watch.refresh()
            watch.shows(listOf("Morning+"), later, "Postcards. The server sent something that is not a feed.")
        }

    // rules H5, E3, L5
    @Test
    fun `a picture that is missing is asked for with the next feed`() =
        Watch().use { watch ->
            watch.site.serve(feedOf(morning))
            watch.open()
            watch.refresh()
            watch.shows(listOf("Morning"), "Morning. the server answered with status 404; check the URL", later)

            watch.site.serve(morning)
            watch.refresh()
            watch.shows(listOf("Morning+"), later)
        }

    // rules S7, D3, H6
    @Test
    fun `a picture goes on where the dead app had left it`() =
        Watch().use { watch ->
            watch.site.serve(morning)
            watch.site.stall(morning, bytes = 200_000)
            watch.open()
            watch.refresh()
            watch.shows(listOf("Morning"), "Morning. Downloading. 50%", later)
            watch.kill()
            assertNull(watch.pictureOnDisk("morning"), "half a picture is none")

            watch.open()
            watch.shows(listOf("Morning+"), later)
            assertTrue(watch.resumedAt.single() in 131_072L..200_000L, "it goes on from there: ${watch.resumedAt}")
            assertContentEquals(PictureBytes.of("morning"), watch.pictureOnDisk("morning"))
        }

    // rules L6, H6
    @Test
    fun `the example's own server has what its feed says`() =
        Watch().use { watch ->
            val names =
                listOf("feed.json", "cover", "pictures/morning.png", "pictures/noon.png", "pictures/evening.png")
            watch.site.serve(names.associateWith(EXAMPLE::resolve))
            watch.open()
            watch.refresh()
            watch.shows(listOf("Morning at the hut+", "Noon on the ridge+", "Evening in the valley+"), later)
            assertContentEquals(EXAMPLE.resolve("cover").readBytes(), assertNotNull(watch.coverOnDisk))
        }

    private companion object {
        /** The feed and the pictures that the watchOS example comes with. */
        val EXAMPLE: Path = Path.of(System.getProperty("backhaul.example-server"))
    }
}
