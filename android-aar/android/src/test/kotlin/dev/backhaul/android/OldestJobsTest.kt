package dev.backhaul.android

import android.app.NotificationManager
import android.app.job.JobInfo
import android.app.job.JobParameters
import android.os.SystemClock
import dev.backhaul.Request
import dev.backhaul.WakeConstraints
import dev.backhaul.WakeRequest
import dev.backhaul.android.testkit.Device
import dev.backhaul.android.testkit.MainLooper
import org.junit.After
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.time.Clock

/** Jobs on the oldest Android that apps may run on. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26])
class OldestJobsTest {
    private val device = Device()
    private val jobs = device.jobs
    private val jobId = wakeJobIdOf(device.application)

    @After
    fun close() = device.close()

    private fun enqueue(name: String) =
        device.session.enqueueBlocking(Request(device.serve(name, 1_000_000, "rate=1000000"), callerId = name))

    // rule P6
    @Test
    @Suppress("DEPRECATION") // What it has in place of capabilities.
    fun `the kind of network is the nearest there is`() {
        val job = WakeJob(device.application, jobId)
        val kind = { isUnmetered: Boolean, isNotCellular: Boolean ->
            val constraints = WakeConstraints(true, isUnmetered, isNotCellular, false)
            val wanted = Wanted.of(WakeRequest(Clock.System.now(), constraints, null))
            assertFalse(job.mayBeExpedited(wanted, SystemClock.elapsedRealtime()))
            job.info(wanted, SystemClock.elapsedRealtime(), false).networkType
        }
        assertEquals(JobInfo.NETWORK_TYPE_ANY, kind(false, false))
        assertEquals(JobInfo.NETWORK_TYPE_UNMETERED, kind(true, false))
        assertEquals(JobInfo.NETWORK_TYPE_UNMETERED, kind(false, true))
    }

    // rules S5, W3, P6
    @Test
    fun `a download is stopped, and ends in the next job`() {
        device.openApp()
        enqueue("oldest")
        device.awaitBytes("oldest")
        device.leaveApp()
        MainLooper.await("a wake is asked for") { jobs.getPendingJob(jobId)?.minLatencyMillis == 0L }
        val first = jobs.run(jobId)
        jobs.stop(first, JobParameters.STOP_REASON_QUOTA)
        assertEquals(true, first.reschedules)
        assertEquals(JobReason.UNDEFINED, Backhaul.wakeStatus.lastStop?.reason, "nobody says it")
        assertNull(Backhaul.wakeStatus.heldBy, "nor this")
        MainLooper.await("the next wake is asked for") { jobs.taken.last() !== first.job }
        val second = jobs.run(jobId)
        MainLooper.await("the job is finished") { second.isOver }
        assertNull(device.onlyError())
    }

    // rule W3
    @Test
    fun `a transfer that the user asked for is an ordinary job, its notification beside it`() {
        device.openApp()
        val transfer = UserInitiatedTransfer(enqueue("asked").let(::listOf), TransferNotification("Maps"), 1_000_000)
        assertEquals(StartedAs.ORDINARY, Backhaul.startUserInitiatedBlocking(transfer))
        val run = jobs.run(jobId + 1)
        val shown = shadowOf(device.application.getSystemService(NotificationManager::class.java))
        assertNotNull(shown.getNotification(TransferNotices.PROGRESS, jobId + 1))
        MainLooper.await("the job is finished") { run.isOver }
        assertNull(shown.getNotification(TransferNotices.PROGRESS, jobId + 1))
        assertNotNull(shown.getNotification(TransferNotices.END, jobId + 1))
    }
}
