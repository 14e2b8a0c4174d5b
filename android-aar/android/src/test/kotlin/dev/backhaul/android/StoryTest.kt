package dev.backhaul.android

import dev.backhaul.Request
import dev.backhaul.SessionEvent
import dev.backhaul.android.testkit.Device
import dev.backhaul.android.testkit.MainLooper
import dev.backhaul.android.testkit.ManifestMaker
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import kotlin.io.path.readBytes
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue

@RunWith(RobolectricTestRunner::class)
class StoryTest {
    // rules S5, S7, W3, W5, P6
    @Test
    fun `a download is begun, killed, rebooted, finished in a job and delivered once`() =
        Device().use { device ->
            device.manifest { putString(SESSION_MAKER_KEY, ManifestMaker::class.java.name) }
            val jobId = wakeJobIdOf(device.application)
            val size = 3_000_000L

            // The app is used, the download begins, the user leaves: there is no run time, and a wake is asked for.
            val session = device.openApp()
            val request = Request(device.serve("alps", size, "rate=1500000"), callerId = "alps")
            val task = session.enqueueBlocking(request)
            device.awaitBytes("alps")
            device.leaveApp()
            MainLooper.await("a wake is asked for") { device.jobs.getPendingJob(jobId) != null }
            assertTrue(
                device.jobs.taken
                    .last()
                    .isPersisted,
            )

            // The job runs, and the process dies in the middle of it.
            val first = device.jobs.run(jobId)
            assertEquals(true, first.answer)
            device.awaitBytes("alps")
            device.jobs.reboot()
            assertFalse(device.delegates.any { recorder -> recorder.events.any { it is SessionEvent.TaskCompleted } })

            // After the reboot the job is still there. It starts the process, which goes on where it was.
            val second = device.jobs.run(jobId)
            MainLooper.await("the job is finished") { second.isOver }
            val calls = device.delegates.last().events
            val attempts = device.task("alps").explainBlocking().attempts
            assertTrue(attempts.size >= 2 && attempts.last().received < size, "$attempts")
            val ends = device.delegates.flatMap { it.events }.filterIsInstance<SessionEvent.TaskCompleted>()
            assertNull(ends.single().error)
            assertEquals("alps", ends.single().task.callerId)
            val file = calls.filterIsInstance<SessionEvent.DownloadFinished>().single().file
            assertContentEquals(device.server.bytes("alps"), file.location.readBytes())
            assertEquals(false, second.reschedules)
            assertNull(device.jobs.getPendingJob(jobId))
            assertEquals(0, device.session.status.undelivered)
            assertEquals(task.id, ends.single().task.id)
        }
}
