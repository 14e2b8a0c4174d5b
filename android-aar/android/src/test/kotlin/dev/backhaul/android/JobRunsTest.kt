package dev.backhaul.android

import android.app.job.JobParameters
import android.os.SystemClock
import dev.backhaul.Request
import dev.backhaul.SessionEvent
import dev.backhaul.TaskState
import dev.backhaul.WaitReason
import dev.backhaul.WakeConstraints
import dev.backhaul.WakeRequest
import dev.backhaul.android.testkit.Device
import dev.backhaul.android.testkit.JobRunner
import dev.backhaul.android.testkit.MainLooper
import org.junit.After
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlin.time.Clock
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

/** A job from its beginning to its end, with the real sessions. */
@RunWith(RobolectricTestRunner::class)
class JobRunsTest {
    private val device = Device()
    private val jobs = device.jobs
    private val jobId = wakeJobIdOf(device.application)

    @After
    fun close() = device.close()

    /** A download that was begun in front and now lacks run time: a job is asked for. */
    private fun leaveWith(
        name: String,
        query: String,
    ) {
        val session = device.openApp()
        session.enqueueBlocking(Request(device.serve(name, 4_000_000, query), callerId = name))
        device.awaitBytes(name)
        device.leaveApp()
        MainLooper.await("a wake is asked for") { jobs.getPendingJob(jobId)?.minLatencyMillis == 0L }
    }

    private fun runJob(name: String): JobRunner {
        val run = jobs.run(jobId)
        assertEquals(true, run.answer)
        device.awaitBytes(name)
        return run
    }

    private fun state(name: String): TaskState = device.task(name).infoBlocking().state

    // rules W3, W4
    @Test
    fun `a job is finished once, when everything was delivered`() {
        leaveWith("finished", "rate=2000000")
        val run = runJob("finished")
        MainLooper.await("the job is finished") { run.isOver }
        assertEquals(false, run.reschedules)
        val calls = device.delegates.last().events
        assertEquals(1, calls.count { it is SessionEvent.TaskCompleted })
        assertTrue(calls.last() is SessionEvent.EventsFinished, "${calls.last()}")
        assertEquals(0, jobs.allPendingJobs.size)
    }

    // rules P2, P6, W3
    @Test
    fun `a job that the system stops winds down, says why and comes again`() {
        leaveWith("stopped", "rate=100000")
        val run = runJob("stopped")
        jobs.stop(run, JobParameters.STOP_REASON_QUOTA)
        assertEquals(true, run.reschedules)
        MainLooper.await("the transfer stops") { state("stopped") == TaskState.Waiting(WaitReason.WakeBudget) }
        val stop = assertNotNull(Backhaul.wakeStatus.lastStop)
        assertEquals(JobReason.QUOTA, stop.reason)
        assertEquals(WaitReason.WakeBudget, stop.reason.waitReason)
        MainLooper.await("the next wake is asked for") { jobs.taken.last() !== run.job }
        jobs.isQuotaUsedUp = true
        assertEquals(JobReason.QUOTA, Backhaul.wakeStatus.heldBy)
        // The next one goes on with it.
        jobs.isQuotaUsedUp = false
        val next = runJob("stopped")
        assertTrue(
            device
                .task("stopped")
                .explainBlocking()
                .attempts.size >= 2,
        )
        jobs.stop(next, JobParameters.STOP_REASON_CONSTRAINT_CONNECTIVITY)
        assertEquals(JobReason.CONNECTIVITY, Backhaul.wakeStatus.lastStop?.reason)
    }

    // rule W3
    @Test
    fun `a job that the user stops does not come again by itself`() {
        leaveWith("user", "rate=100000")
        val run = runJob("user")
        jobs.stop(run, JobParameters.STOP_REASON_USER)
        assertEquals(false, run.reschedules)
        assertEquals(JobReason.USER, Backhaul.wakeStatus.lastStop?.reason)
    }

    // rules S5, W3
    @Test
    fun `a job for which there is nothing to do is over at once`() {
        Backhaul.initialize(device.application, device.maker)
        jobs.schedule(jobBuilder(device.application, jobId).setMinimumLatency(0).build())
        val run = jobs.run(jobId)
        MainLooper.await("the job is finished") { run.isOver }
        assertEquals(false, run.reschedules)
    }

    // rule W3
    @Test
    fun `a job that comes after the sessions were closed is over at once`() {
        Backhaul.initialize(device.application, device.maker).close()
        jobs.schedule(jobBuilder(device.application, jobId).setMinimumLatency(0).build())
        val run = jobs.run(jobId)
        MainLooper.await("the job is finished") { run.isOver }
    }

    // rule W5
    @Test
    fun `a wake that did not come is asked for again`() {
        leaveWith("missed", "rate=100000")
        jobs.killProcess()
        val due = Clock.System.now() - 3.hours
        val request = WakeRequest(due, WakeConstraints(true, false, false, false), null)
        jobs.schedule(WakeJob(device.application, jobId).info(Wanted.of(request), SystemClock.elapsedRealtime(), false))
        val taken = jobs.taken.size
        Backhaul.initialize(device.application, device.maker)
        assertEquals(due.toEpochMilliseconds(), Backhaul.wakeStatus.missed?.toEpochMilliseconds())
        MainLooper.idleFor(5.seconds)
        MainLooper.await("it is asked for again") { jobs.taken.size > taken }
        assertTrue(checkNotNull(WakeJob.dueOf(jobs.taken.last())) > due + 2.hours)
    }

    // rule P6
    @Test
    fun `while a job runs it is not asked for anew`() {
        leaveWith("anew", "rate=100000")
        val run = runJob("anew")
        val taken = jobs.taken.size
        // More work comes up, and with it another wish.
        device.session.enqueueBlocking(Request(device.serve("anew-2")))
        MainLooper.idle()
        assertEquals(taken, jobs.taken.size)
        jobs.stop(run, JobParameters.STOP_REASON_TIMEOUT)
        MainLooper.await("it is asked for when it is over") { jobs.taken.size > taken }
    }
}
