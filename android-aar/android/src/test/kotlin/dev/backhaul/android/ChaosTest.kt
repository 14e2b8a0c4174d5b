package dev.backhaul.android

import android.app.job.JobParameters
import dev.backhaul.Request
import dev.backhaul.SessionEvent
import dev.backhaul.TaskInfo
import dev.backhaul.TaskState
import dev.backhaul.android.testkit.Device
import dev.backhaul.android.testkit.JobRunner
import dev.backhaul.android.testkit.MainLooper
import dev.backhaul.android.testkit.ManifestMaker
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import kotlin.io.path.readBytes
import kotlin.random.Random
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertNull
import kotlin.time.Duration.Companion.milliseconds

/** Jobs that come and go, processes that die, devices that start again, in an order that a seed decides. */
@RunWith(RobolectricTestRunner::class)
class ChaosTest {
    // rules D4, R9, S7, W3, W5, P6
    @Test
    fun `whatever happens each download is delivered once, and no wake is lost`() = play(1)

    // rules D4, R9, S7, W3, W5, P6
    @Test
    fun `whatever else happens each download is delivered once, and no wake is lost`() = play(2)

    private fun play(seed: Int) = Device().use { Chaos(it, seed).play() }
}

private class Chaos(
    private val device: Device,
    private val seed: Int,
) {
    private val random = Random(seed)
    private val jobs = device.jobs
    private val jobId = wakeJobIdOf(device.application)
    private val names = List(FILES) { "chaos-$seed-$it" }
    private var run: JobRunner? = null
    private var isOpen = false

    fun play() {
        device.manifest { putString(SESSION_MAKER_KEY, ManifestMaker::class.java.name) }
        open()
        val requests = names.map { Request(device.serve(it, SIZE, "rate=$RATE"), callerId = it) }
        device.session.enqueueBlocking(requests)
        MainLooper.await("a wake is asked for") { jobs.getPendingJob(jobId) != null }
        repeat(STEPS) { step() }
        die(jobs::killProcess)
        open()
        MainLooper.await("the end of all") { ends().size == FILES && device.session.status.undelivered == 0L }
        check()
    }

    private fun open() {
        device.openApp()
        isOpen = true
    }

    private fun step() {
        // The process does something meanwhile, for as long as it takes; nobody waits for anything in particular.
        MainLooper.pass(random.nextInt(LONGEST_STEP_MS).milliseconds)
        when (random.nextInt(6)) {
            0, 1 -> begin()
            2 -> stop()
            3 -> die(if (random.nextBoolean()) jobs::killProcess else jobs::reboot)
            4 -> if (isOpen) leave() else open()
        }
        if (Backhaul.runningOrNull() != null) {
            MainLooper.await("a wake is asked for, or all has ended") { jobs.getPendingJob(jobId) != null || !isLeft() }
        }
    }

    private fun running() = run?.takeIf { !it.isOver }

    private fun begin() {
        if (running() == null && jobs.getPendingJob(jobId) != null) run = jobs.run(jobId)
    }

    private fun stop() {
        running()?.let { jobs.stop(it, REASONS.random(random)) }
    }

    private fun leave() {
        device.leaveApp()
        isOpen = false
    }

    private fun die(how: () -> Unit) {
        how()
        isOpen = false
        run = null
    }

    private fun isLeft() = device.session.tasksBlocking().any { it.state != TaskState.Completed }

    /** By task and number: what was told and not acknowledged before a process died is told again. */
    private fun ends(): Map<Pair<String?, Long?>, SessionEvent.TaskCompleted> =
        device.delegates
            .flatMap { it.events }
            .filterIsInstance<SessionEvent.TaskCompleted>()
            .associateBy { it.task.callerId to it.task.sequence }

    private fun check() {
        for (end in ends().values) assertNull(end.error)
        assertEquals(names.toSet(), ends().keys.map { it.first }.toSet())
        for (name in names) {
            val file = checkNotNull(device.task(name).fileBlocking())
            assertContentEquals(device.server.bytes(name), file.location.readBytes())
        }
        assertEquals(
            setOf<TaskState>(TaskState.Completed),
            device.session
                .tasksBlocking()
                .map(TaskInfo::state)
                .toSet(),
        )
    }

    private companion object {
        const val FILES = 3
        const val SIZE = 600_000L
        const val RATE = 400_000
        const val STEPS = 20
        const val LONGEST_STEP_MS = 300

        val REASONS =
            listOf(
                JobParameters.STOP_REASON_TIMEOUT,
                JobParameters.STOP_REASON_QUOTA,
                JobParameters.STOP_REASON_CONSTRAINT_CONNECTIVITY,
                JobParameters.STOP_REASON_PREEMPT,
            )
    }
}
