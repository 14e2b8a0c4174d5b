package dev.backhaul.wear

import dev.backhaul.android.testkit.MainLooper
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

/**
 * A whole day of the app's, on a watch that runs jobs and kills processes, with a server on loopback. Each step asserts
 * what the screen shows, and what is on disk.
 */
@RunWith(RobolectricTestRunner::class)
@Config(application = TestPostcardsApp::class)
class DayTest {
    private val morning = servedPostcard("morning", hour = 8)
    private val noon = servedPostcard("noon", hour = 12)
    private val evening = servedPostcard("evening", hour = 18)
    private val panorama = servedPostcard(PANORAMA, hour = 20)
    private val nextWaits = "Next postcards. Waits for a good moment, such as charging."
    private val eveningWaits = "Evening. Waits for a good moment, such as charging."
    private val panoramaWaits = "Panorama. Large: waits for charger and Wi-Fi."

    // rules S5, S7, S9, L5, L6, R4, P2, P4, P6, P8, W2, W3, W5, E1
    @Test
    fun `a day`() =
        Watch().use { watch ->
            firstUse(watch)
            asleep(watch)
            deadAndOnTheCharger(watch)
            inUseAgain(watch)
            endedByForce(watch)
            night(watch)
        }

    /** Six o'clock: the user opens the app for the first time. The server does not come to an end. */
    private fun firstUse(watch: Watch) {
        watch.site.stallFeed()
        watch.open()
        watch.awaitOnScreen { Row.NothingYet in watch.rows }

        // Touched twice, it is still one feed, under one notification.
        watch.refresh()
        watch.refresh()
        watch.shows(
            emptyList(),
            "Postcards. Downloading. 25%",
            "Picture of the day. Waits for the download before it.",
        )
        watch.userJob("New postcards")
        assertEquals(1, watch.running.size)
        watch.kill()

        // Opened again, the server has another one, and its pictures are asked for at once.
        watch.site.serve(morning, noon)
        watch.site.stall(morning, bytes = 200_000)
        watch.site.stall(noon, bytes = 80_000)
        watch.open()
        watch.runUserJobs()
        watch.shows(
            listOf("Morning", "Noon"),
            "Morning. Downloading. 50%",
            "Noon. Downloading. 20%",
            nextWaits,
        )
        assertContentEquals(Site.COVER, watch.coverOnDisk)
        assertNull(watch.pictureOnDisk("morning"), "half a picture is none")
    }

    /** The wrist goes down. What the user asked for goes on, in a job that the system interrupts once. */
    private fun asleep(watch: Watch) {
        val pictures = watch.userJob("Pictures of postcards")
        watch.leave()
        assertTrue(pictures in watch.running, "the user waits for it")
        watch.interrupt()
        watch.awaitStillness()

        watch.runUserJobs()
        watch.awaitJobs()
        assertContentEquals(PictureBytes.of("morning"), watch.pictureOnDisk("morning"))
        assertContentEquals(PictureBytes.of("noon"), watch.pictureOnDisk("noon"))
        assertTrue(watch.jobs.allPendingJobs.none { it.isUserInitiated }, "its notification went with the job")
    }

    /** The system takes the app's memory; the watch is charged meanwhile, and there is a new feed. */
    private fun deadAndOnTheCharger(watch: Watch) {
        watch.kill()
        watch.site.serve(noon, evening)
        watch.charge(true)
        val wake = watch.wake()
        watch.awaitJobs()
        assertEquals(emptyList(), wake.notifications, "nobody waits for it")
        assertNull(watch.pictureOnDisk("morning"), "no feed names it any more")
        assertNotNull(watch.pictureOnDisk("noon"))
        watch.kill()
    }

    /** Ten o'clock: off the charger, and the user looks at the list. */
    private fun inUseAgain(watch: Watch) {
        watch.charge(false)
        watch.open()
        watch.shows(listOf("Noon+", "Evening"), eveningWaits, nextWaits)
        watch.saveBattery(true)
        watch.shows(
            listOf("Noon+", "Evening"),
            "Evening. Waits until Battery Saver is off.",
            "Next postcards. Waits until Battery Saver is off.",
        )
        watch.saveBattery(false)

        // What is under way stays, and a picture that the user asks for waits only if it is large.
        watch.site.serve(noon, evening, panorama)
        watch.refresh()
        watch.shows(listOf("Noon+", "Evening", "Panorama"), eveningWaits, nextWaits, panoramaWaits)
    }

    /** The user ends the app in the settings, which takes its jobs; opened again, it goes on. */
    private fun endedByForce(watch: Watch) {
        watch.forceStop()
        assertEquals(emptyList(), watch.jobs.allPendingJobs)
        watch.open()
        watch.shows(listOf("Noon+", "Evening", "Panorama"), eveningWaits, nextWaits, panoramaWaits)
    }

    /** On the charger again: the large one comes, in a wake of a process that was dead, and by the morning all are here. */
    private fun night(watch: Watch) {
        watch.leave()
        MainLooper.await("a wake is asked for") { watch.jobs.allPendingJobs.isNotEmpty() }
        watch.kill()
        watch.charge(true)
        watch.wake()
        watch.awaitJobs()
        assertEquals(PictureBytes.sizeOf(PANORAMA), watch.pictureOnDisk(PANORAMA)?.size)

        watch.open()
        watch.awaitOnScreen { watch.postcards == listOf("Noon+", "Evening+", "Panorama+") }
        for (id in listOf("noon", "evening", PANORAMA)) {
            assertTrue(PictureBytes.of(id).contentEquals(watch.pictureOnDisk(id)), id)
        }
    }
}
