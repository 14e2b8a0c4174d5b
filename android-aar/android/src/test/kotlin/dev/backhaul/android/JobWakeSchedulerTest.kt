package dev.backhaul.android

import android.app.job.JobInfo
import android.content.ComponentName
import android.content.Context
import android.os.SystemClock
import dev.backhaul.WakeConstraints
import dev.backhaul.WakeRequest
import dev.backhaul.android.testkit.Device
import dev.backhaul.android.testkit.MainLooper
import org.junit.After
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Clock
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.Instant

/** What is asked of `JobScheduler`, and when. */
@RunWith(RobolectricTestRunner::class)
class JobWakeSchedulerTest {
    private val device = Device()
    private val jobs = device.jobs
    private val made = mutableListOf<JobWakeScheduler>()

    @After
    fun close() {
        made.forEach { it.stop() }
        device.close()
    }

    private val marker = containerOf(device.application).resolveSibling("test.wake")

    private fun scheduler() = JobWakeScheduler(device.application, ID, WakeMarker(marker)).also { made += it }

    private fun request(
        at: Duration = 1.hours,
        isCharging: Boolean = false,
    ) = WakeRequest(Clock.System.now() + at, WakeConstraints(true, false, false, isCharging), null)

    // rule P6
    @Test
    fun `of many requests at once the last is asked for`() {
        val scheduler = scheduler()
        repeat(100) { scheduler.schedule(request((it + 1).hours)) }
        MainLooper.idle()
        val job = jobs.taken.single()
        assertTrue(job.minLatencyMillis > 99.hours.inWholeMilliseconds)
        assertNotNull(scheduler.status.asked)
        assertEquals(JobReason.MINIMUM_LATENCY, scheduler.status.heldBy)
        scheduler.cancel()
        MainLooper.idleFor(1.seconds)
        assertNull(jobs.getPendingJob(ID))
        assertNull(scheduler.status.asked)
        assertNull(scheduler.status.heldBy)
    }

    // rule P6
    @Test
    fun `what is wanted while the job runs is asked for when it is over`() {
        val scheduler = scheduler()
        scheduler.begins()
        scheduler.schedule(request())
        MainLooper.idle()
        assertEquals(0, jobs.taken.size)
        val said = mutableListOf<Boolean>()
        scheduler.ends { isAnotherWanted ->
            said += isAnotherWanted
            MainThread.execute { said += jobs.taken.isEmpty() }
        }
        MainLooper.idle()
        assertEquals(listOf(true, true), said, "the system hears of the end before it is asked again")
        assertEquals(1, jobs.taken.size)
        scheduler.begins()
        scheduler.ends { assertFalse(it) }
    }

    // rule P6
    @Test
    fun `what was wanted before a wake began is asked for again by whoever still wants it`() {
        val scheduler = scheduler()
        scheduler.schedule(request())
        scheduler.begins()
        MainLooper.idle()
        scheduler.ends { assertFalse(it) }
        MainLooper.idle()
        assertEquals(0, jobs.taken.size)
    }

    // rule P6
    @Test
    fun `a start waits for the job that it may have been made for`() {
        scheduler().schedule(request())
        MainLooper.idle()
        assertEquals(1, jobs.taken.size)
        made.single().stop()
        val next = scheduler()
        assertFalse(next.isLost)
        next.schedule(request(2.hours))
        MainLooper.idle()
        assertEquals(1, jobs.taken.size)
        MainLooper.idleFor(5.seconds)
        assertEquals(2, jobs.taken.size)
    }

    // rule P6
    @Test
    fun `without quota for expedited work an ordinary job is asked for`() {
        jobs.isExpeditedQuotaUsedUp = true
        val scheduler = scheduler()
        scheduler.schedule(request(Duration.ZERO))
        MainLooper.idle()
        assertFalse(jobs.taken.single().isExpedited)
        assertNull(scheduler.status.refusal)
        jobs.isExpeditedQuotaUsedUp = false
        scheduler.schedule(request(Duration.ZERO))
        MainLooper.idleFor(1.seconds)
        assertTrue(jobs.taken.last().isExpedited)
    }

    // rule P6
    @Test
    fun `what the system refuses is asked for again later, and less and less often`() {
        jobs.isRefusing = true
        val scheduler = scheduler()
        scheduler.schedule(request())
        MainLooper.idle()
        assertTrue("quota" in scheduler.status.refusal.orEmpty(), scheduler.status.refusal)
        jobs.isRefusing = false
        MainLooper.idleFor(59.seconds)
        assertEquals(0, jobs.taken.size)
        MainLooper.idleFor(2.seconds)
        assertEquals(1, jobs.taken.size)
        assertNull(scheduler.status.refusal)

        jobs.isRefusing = true
        scheduler.schedule(request())
        MainLooper.idle()
        repeat(20) { MainLooper.idleFor(1.hours) }
        jobs.isRefusing = false
        MainLooper.idleFor(1.hours)
        assertEquals(2, jobs.taken.size)
    }

    @Test
    fun `an app with too many jobs of its own is told so`() {
        val own = ComponentName(device.application, "com.example.OwnJobService")
        repeat(150) { jobs.schedule(JobInfo.Builder(1000 + it, own).setMinimumLatency(1).build()) }
        val scheduler = scheduler()
        scheduler.schedule(request())
        MainLooper.idle()
        assertTrue("too many jobs" in scheduler.status.refusal.orEmpty(), scheduler.status.refusal)
        jobs.cancel(1000)
        MainLooper.idleFor(1.minutes)
        assertNotNull(jobs.getPendingJob(ID))
    }

    @Test
    fun `an app without the permissions of the library is told so`() {
        shadowOf(device.application).denyPermissions(android.Manifest.permission.ACCESS_NETWORK_STATE)
        val scheduler = scheduler()
        scheduler.schedule(request())
        MainLooper.idle()
        assertTrue("permission" in scheduler.status.refusal.orEmpty(), scheduler.status.refusal)
    }

    @Test
    fun `a device without a scheduler is said to be one`() {
        shadowOf(device.application).removeSystemService(Context.JOB_SCHEDULER_SERVICE)
        val scheduler = scheduler()
        scheduler.schedule(request())
        scheduler.cancel()
        scheduler.schedule(request())
        MainLooper.idle()
        assertTrue("JobScheduler" in scheduler.status.refusal.orEmpty(), scheduler.status.refusal)
    }

    // rule P6
    @Test
    fun `a busy session is heard once a second`() {
        val scheduler = scheduler()
        repeat(10) {
            scheduler.schedule(request((it + 1).hours))
            MainLooper.idle()
        }
        assertEquals(1, jobs.taken.size)
        MainLooper.idleFor(1.seconds)
        assertEquals(2, jobs.taken.size)
        assertTrue(jobs.taken.last().minLatencyMillis > 9.hours.inWholeMilliseconds)
    }

    // rule W6
    @Test
    fun `a job that somebody took away is missed, and no other`() {
        val scheduler = scheduler()
        scheduler.schedule(request())
        MainLooper.idle()
        assertFalse(scheduler().isLost, "it is there")
        jobs.forceStop()
        assertTrue(scheduler().isLost)
        scheduler.begins()
        scheduler.ends {}
        assertFalse(scheduler().isLost, "it has come")
        scheduler.schedule(request())
        MainLooper.idleFor(1.seconds)
        scheduler.cancel()
        MainLooper.idleFor(1.seconds)
        assertFalse(scheduler().isLost, "it was taken back")
    }

    // rule W5
    @Test
    fun `a wake that did not come is noticed at the next start`() {
        scheduler().schedule(request())
        MainLooper.idle()
        assertNull(scheduler().status.missed)
        val due = Clock.System.now() - 3.hours
        jobs.schedule(overdue(due))
        assertEquals(due.toEpochMilliseconds(), scheduler().status.missed?.toEpochMilliseconds())
    }

    /** What is left of a request that was made long ago. */
    private fun overdue(due: Instant): JobInfo {
        val wanted = Wanted.of(WakeRequest(due, WakeConstraints(true, false, false, false), null))
        return WakeJob(device.application, ID).info(wanted, SystemClock.elapsedRealtime(), false)
    }

    private companion object {
        const val ID = 77
    }
}
