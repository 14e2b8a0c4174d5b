package dev.backhaul.wear

import android.graphics.drawable.BitmapDrawable
import android.view.View
import android.widget.ImageView
import android.widget.ListView
import android.widget.ProgressBar
import android.widget.TextView
import dev.backhaul.android.testkit.MainLooper
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.nio.file.Path
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue

/** The screens: rows, what is heard of them, round screens, pictures, one task in full. */
@RunWith(RobolectricTestRunner::class)
@Config(application = TestPostcardsApp::class)
class ScreenTest {
    private val morning = servedPostcard("morning", hour = 8)

    // rules E1, E2
    @Test
    fun `a row shows how far its task is, and why it waits`() =
        Watch().use { watch ->
            watch.site.serve(morning)
            watch.site.stall(morning, bytes = 100_000)
            watch.open()
            watch.refresh()
            watch.shows(
                listOf("Morning"),
                "Morning. Downloading. 25%",
                "Next postcards. Waits for a good moment, such as charging.",
            )
            val (moving, waiting) =
                watch.rows.indices
                    .filter { watch.rows[it] is Row.Task }
                    .map(watch::rowView)
            assertEquals("Morning", moving.text(R.id.title))
            assertEquals("Downloading.", moving.text(R.id.status))
            assertEquals(View.VISIBLE, moving.requireViewById<View>(R.id.progress).visibility)
            assertEquals(25, moving.requireViewById<ProgressBar>(R.id.progress).progress)
            assertEquals("Next postcards", waiting.text(R.id.title))
            assertEquals(View.GONE, waiting.requireViewById<View>(R.id.progress).visibility)
        }

    @Test
    fun `everything that can be touched can be heard, and is large enough`() =
        Watch().use { watch ->
            watch.site.serve(morning)
            watch.open()
            watch.refresh()
            watch.awaitOnScreen { watch.postcards == listOf("Morning+") && watch.tasks.size == 1 }
            val touch = watch.activity.resources.getDimensionPixelSize(R.dimen.touch)
            val adapter = watch.list.adapter
            var touched = 0
            for (position in watch.rows.indices.filter(adapter::isEnabled)) {
                val view = watch.rowView(position)
                assertTrue(!view.contentDescription.isNullOrBlank(), "${watch.rows[position]}")
                assertTrue(
                    view.minimumHeight >= touch || (view as? TextView)?.minHeight == touch,
                    "${watch.rows[position]}",
                )
                touched++
            }
            assertEquals(2, touched, "the button, and the task that waits")
            assertEquals(
                listOf("Morning, Jan 1"),
                watch.spoken { it is Row.Card }.map { it.replace(Regex(", \\d{4}$"), "") },
            )
            assertTrue(watch.list.isFocused, "the crown scrolls what has the focus")
        }

    @Test
    @Config(qualifiers = "w192dp-h192dp-round-watch")
    fun `on a round screen the rows keep clear of the edge`() {
        val list = listOnScreen()
        assertEquals((192 * 0.09).toInt(), list.paddingLeft)
        assertEquals(list.paddingLeft, list.paddingRight)
        assertEquals((192 * 0.24).toInt(), list.paddingTop)
    }

    @Test
    @Config(qualifiers = "w180dp-h180dp-notround-watch")
    fun `on a square screen they need less`() {
        val list = listOnScreen()
        assertEquals((180 * 0.04).toInt(), list.paddingLeft)
        assertEquals((180 * 0.04).toInt(), list.paddingBottom)
    }

    private fun listOnScreen(): ListView =
        Watch().use { watch ->
            watch.open()
            watch.list
        }

    @Suppress("DEPRECATION") // The newest watches need it no more: there a swipe is the way back everywhere.
    @Test
    fun `a swipe leaves the screens`() =
        Watch().use { watch ->
            watch.open()
            val attribute = intArrayOf(android.R.attr.windowSwipeToDismiss)
            val values = watch.activity.obtainStyledAttributes(attribute)
            assertTrue(values.getBoolean(0, false))
            values.recycle()
        }

    @Test
    fun `a picture is read on another thread, and shown`() =
        Watch().use { watch ->
            val names =
                listOf("feed.json", "cover", "pictures/morning.png", "pictures/noon.png", "pictures/evening.png")
            val example = Path.of(System.getProperty("backhaul.example-server"))
            watch.site.serve(names.associateWith(example::resolve))
            watch.open()
            watch.refresh()
            watch.awaitOnScreen { watch.rows.any { it is Row.Cover } }
            val view = assertIs<ImageView>(watch.rowView(watch.rows.indexOfFirst { it is Row.Cover }))
            MainLooper.await("the picture") { (view.drawable as? BitmapDrawable)?.bitmap != null }
            val bitmap = assertNotNull((view.drawable as BitmapDrawable).bitmap)
            assertEquals(2.0, bitmap.width.toDouble() / bitmap.height, "the cover is 184 by 92")
        }

    // rule E1
    @Test
    fun `one task in full says why it waits, and when it is given up`() =
        Watch().use { watch ->
            watch.site.serve(morning)
            watch.open()
            watch.refresh()
            watch.awaitOnScreen { watch.tasks.size == 1 && watch.postcards == listOf("Morning+") }
            val position = watch.rows.indexOfFirst { it is Row.Task }
            watch.list.performItemClick(watch.rowView(position), position, 0)
            val intent = shadowOf(watch.activity).nextStartedActivity
            assertEquals(TaskDetailActivity::class.java.name, intent.component?.className)

            val detail =
                Robolectric
                    .buildActivity(TaskDetailActivity::class.java, intent)
                    .create()
                    .start()
                    .resume()
            val list = detail.get().requireViewById<ListView>(R.id.list)
            MainLooper.await("the detail") { list.adapter.count > 0 }
            val lines = List(list.adapter.count) { list.adapter.getItem(it) as Line }
            detail.pause().stop().destroy()
            assertEquals(Line("Next postcards", "Waits for a good moment, such as charging."), lines.first())
            assertEquals(
                listOf("Goes on with", "Since", "Looked at again", "Given up at"),
                lines.drop(1).map { it.label },
            )
            assertTrue(lines.all { it.value.isNotBlank() }, "$lines")
        }

    private fun View.text(id: Int) = requireViewById<TextView>(id).text.toString()
}
