package dev.backhaul.android

import android.app.Notification
import android.app.NotificationManager
import android.app.job.JobInfo
import android.app.job.JobParameters
import android.os.Build
import android.os.SystemClock
import dev.backhaul.DownloadTask
import dev.backhaul.Request
import dev.backhaul.Session
import dev.backhaul.SessionConfiguration
import dev.backhaul.TaskState
import dev.backhaul.TransferException
import dev.backhaul.android.testkit.Device
import dev.backhaul.android.testkit.JobRunner
import dev.backhaul.android.testkit.MainLooper
import dev.backhaul.android.testkit.ManifestMaker
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.util.ReflectionHelpers
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.seconds

/** Transfers that the user asked for: their jobs, their notifications, their ends. */
@RunWith(RobolectricTestRunner::class)
class UserInitiatedTest {
    private val device = Device()
    private val jobs = device.jobs
    private val jobId = wakeJobIdOf(device.application) + 1
    private val level = Build.VERSION.SDK_INT
    private val manager = shadowOf(device.application.getSystemService(NotificationManager::class.java))

    @After
    fun close() {
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", level)
        device.close()
    }

    private fun task(
        name: String,
        query: String = "rate=100000",
        size: Long = 4_000_000,
    ): DownloadTask = device.session.enqueueBlocking(Request(device.serve(name, size, query), callerId = name))

    private fun start(
        vararg tasks: DownloadTask,
        bytes: Long? = null,
    ): StartedAs =
        Backhaul.startUserInitiatedBlocking(
            UserInitiatedTransfer(tasks.toList(), TransferNotification("Maps of the Alps"), bytes),
        )

    private fun Notification.text(): String? = extras.getCharSequence(Notification.EXTRA_TEXT)?.toString()

    private fun endNotice(): Notification? = manager.getNotification(TransferNotices.END, jobId)

    /** Seconds pass until something is so. */
    private fun awaitSeconds(
        what: String,
        isSo: () -> Boolean,
    ) = MainLooper.await(what) {
        MainLooper.idleFor(1.seconds)
        isSo()
    }

    // rules S5, W3
    @Test
    fun `it is a job of its own that shows how far it is until it has ended`() {
        device.openApp()
        val first = task("alps", "rate=1000000", 1_500_000)
        val second = task("jura", "rate=1000000", 1_500_000)
        assertEquals(StartedAs.USER_INITIATED, start(first, second, bytes = 3_000_000))
        val job = jobs.taken.last()
        assertEquals(jobId, job.id)
        assertTrue(job.isUserInitiated && job.isPersisted)
        assertNotNull(job.requiredNetwork)
        assertEquals(3_000_000, job.estimatedNetworkDownloadBytes)

        val run = jobs.run(jobId)
        assertEquals(jobId, run.notificationId)
        val early = run.notifications.first()
        assertEquals("Maps of the Alps", early.extras.getString(Notification.EXTRA_TITLE))
        assertTrue(early.extras.getBoolean(Notification.EXTRA_PROGRESS_INDETERMINATE))
        assertEquals(TransferNotices.CHANNEL, early.channelId)
        // The app may be left: the job is run time.
        device.leaveApp()
        awaitSeconds("progress is shown") {
            run.notifications
                .last()
                .extras
                .getInt(Notification.EXTRA_PROGRESS) > 0
        }
        assertTrue(
            "/" in
                run.notifications
                    .last()
                    .text()
                    .orEmpty(),
            run.notifications.last().text(),
        )
        assertTrue(run.received > 0)
        awaitSeconds("the job is finished") { run.isOver }
        assertEquals(false, run.reschedules)
        assertEquals("Finished", assertNotNull(endNotice()).text())
        val ends = device.delegates.last().awaitEnds(2)
        assertEquals(2, ends.size)
        assertNull(jobs.getPendingJob(jobId))
    }

    // rule E2
    @Test
    fun `its notification changes once a second`() {
        device.openApp()
        val task = task("slow")
        start(task)
        val run = jobs.run(jobId)
        val began = SystemClock.uptimeMillis()
        MainLooper.await("some looks") { run.notifications.size == 5 }
        // One at once, one from the first look, and then one a second.
        assertTrue(SystemClock.uptimeMillis() - began >= 3_000)
        jobs.stop(run, JobParameters.STOP_REASON_TIMEOUT)
        MainLooper.idleFor(5.seconds)
        assertEquals(5, run.notifications.size)
    }

    @Test
    fun `what cannot be started is said, with a reason that a program can tell`() {
        val session = device.openApp()
        val task = task("a")
        val many = runBlocking { session.downloadTasks(List(1_001) { Request(device.server.url("many-$it")) }) }
        val forgotten = task("forgotten", "", 10)
        MainLooper.await("its end was told") { session.status.undelivered == 0L && forgotten.fileBlocking() != null }
        session.forgetBlocking(listOf(forgotten.id))
        val notice = TransferNotification("Maps")
        val wrong =
            listOf(
                UserInitiatedTransfer(emptyList(), notice) to "at least one task",
                UserInitiatedTransfer(listOf(task), TransferNotification(" ")) to "title",
                UserInitiatedTransfer(listOf(task), notice.copy(icon = 0)) to "icon",
                UserInitiatedTransfer(listOf(task), notice, -1) to "negative",
                UserInitiatedTransfer(many, notice) to "1000",
                UserInitiatedTransfer(listOf(forgotten), notice) to "not there",
            )
        for ((transfer, reason) in wrong) {
            val failed =
                assertFailsWith<UserInitiatedException.Invalid> { Backhaul.startUserInitiatedBlocking(transfer) }
            assertTrue(reason in failed.message.orEmpty(), failed.message)
        }
        Session(SessionConfiguration.ephemeral()).use { stranger ->
            val other = stranger.downloadTaskBlocking(Request("https://example.com/a"))
            val failed = assertFailsWith<UserInitiatedException.Invalid> { start(other) }
            assertTrue("Backhaul.sessions" in failed.message.orEmpty(), failed.message)
            assertFailsWith<UserInitiatedException.Invalid> { start(task, other) }
        }
        assertEquals(emptyList(), jobs.taken.filter { it.isUserInitiated })

        shadowOf(device.application).denyPermissions("android.permission.RUN_USER_INITIATED_JOBS")
        assertFailsWith<UserInitiatedException.NotPermitted> { start(task) }
        shadowOf(device.application).grantPermissions("android.permission.RUN_USER_INITIATED_JOBS")
        repeat(USER_INITIATED_JOBS) { start(task) }
        assertEquals(USER_INITIATED_JOBS, assertFailsWith<UserInitiatedException.TooMany> { start(task) }.limit)
        device.leaveApp()
        jobs.cancel(jobId)
        assertFailsWith<UserInitiatedException.NotVisible> { start(task) }
    }

    // rules L4, W3
    @Test
    fun `what the user stops is suspended, and does not go on in a wake`() {
        device.openApp()
        start(task("stop"))
        device.leaveApp()
        val run = jobs.run(jobId)
        device.awaitBytes("stop")
        jobs.stop(run, JobParameters.STOP_REASON_USER)
        assertEquals(false, run.reschedules)
        MainLooper.await("it is suspended") { device.task("stop").infoBlocking().state == TaskState.Suspended }
        assertEquals(JobReason.USER, Backhaul.wakeStatus.lastStop?.reason)
    }

    // rule L4
    @Test
    fun `its button cancels the tasks`() {
        device.openApp()
        start(task("cancel"))
        val run = jobs.run(jobId)
        device.awaitBytes("cancel")
        val action =
            run.notifications
                .last()
                .actions
                .single()
        assertEquals("Cancel", action.title)
        CancelReceiver().onReceive(device.application, shadowOf(action.actionIntent).savedIntent)
        awaitSeconds("the job is finished") { run.isOver }
        assertEquals(false, run.reschedules)
        assertIs<TransferException.Cancelled>(device.onlyError())
        assertNull(endNotice(), "who cancels knows how it ended")
    }

    // rules W5, S7
    @Test
    fun `it goes on in another process`() {
        device.manifest { putString(SESSION_MAKER_KEY, ManifestMaker::class.java.name) }
        device.openApp()
        start(task("again", "rate=1000000", 2_000_000))
        val first = jobs.run(jobId)
        device.awaitBytes("again")
        jobs.reboot()
        assertFalse(first.reschedules == false)
        val second: JobRunner = jobs.run(jobId)
        assertEquals(
            "Maps of the Alps",
            second.notifications
                .first()
                .extras
                .getString(Notification.EXTRA_TITLE),
        )
        awaitSeconds("the job is finished") { second.isOver }
        assertEquals(false, second.reschedules)
        assertNull(device.onlyError())
    }

    // rule W3
    @Test
    fun `while something is left the job comes again`() {
        device.openApp()
        start(task("down", "fault=status&status=503"), task("gone", "fault=status&status=404"))
        device.leaveApp()
        val run = jobs.run(jobId)
        awaitSeconds("the job is finished") { run.isOver }
        assertEquals(true, run.reschedules)
        assertNull(endNotice())
    }

    @Test
    fun `a failure is said`() {
        device.openApp()
        start(task("missing", "fault=status&status=404"))
        val run = jobs.run(jobId)
        awaitSeconds("the job is finished") { run.isOver }
        assertEquals("Failed", assertNotNull(endNotice()).text())
    }

    @Test
    fun `a transfer of a session that the app no longer makes is over at once`() {
        device.openApp()
        start(task("forgotten"))
        device.jobs.killProcess()
        Backhaul.initialize(device.application) { null }
        val run = jobs.run(jobId)
        assertEquals(false, run.answer)
        assertTrue(run.isOver)
    }

    @Test
    fun `before Android 14 it is the most urgent job that there is, and its notification stands beside it`() {
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", Build.VERSION_CODES.TIRAMISU)
        device.openApp()
        val task = task("old", "rate=1000000", 1_000_000)
        assertEquals(StartedAs.EXPEDITED, start(task))
        val run = jobs.run(jobId)
        assertEquals(0, run.notifications.size)
        val notice = { manager.getNotification(TransferNotices.PROGRESS, jobId) }
        assertEquals("Maps of the Alps", assertNotNull(notice()).extras.getString(Notification.EXTRA_TITLE))
        awaitSeconds("the job is finished") { run.isOver }
        assertNull(notice())
        assertEquals("Finished", assertNotNull(endNotice()).text())

        jobs.isExpeditedQuotaUsedUp = true
        assertEquals(StartedAs.ORDINARY, start(task))
        assertEquals(0, jobs.taken.last().minLatencyMillis)
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", Build.VERSION_CODES.R)
        assertEquals(StartedAs.ORDINARY, start(task))
        jobs.isRefusing = true
        assertFailsWith<UserInitiatedException.Refused> { start(task) }
    }

    // rule P6
    @Test
    fun `one job that ends takes no run time from another`() {
        device.openApp()
        start(task("long"))
        val wakeId = wakeJobIdOf(device.application)
        device.leaveApp()
        MainLooper.await("a wake is asked for") { jobs.getPendingJob(wakeId) != null }
        val wake = jobs.run(wakeId)
        val transfer = jobs.run(jobId)
        device.awaitBytes("long")
        jobs.stop(wake, JobParameters.STOP_REASON_QUOTA)
        device.awaitBytes("long")
        jobs.stop(transfer, JobParameters.STOP_REASON_CONSTRAINT_CONNECTIVITY)
        MainLooper.await("nothing runs") { device.task("long").infoBlocking().state is TaskState.Waiting }
        assertEquals(true, transfer.reschedules)
        assertTrue(jobs.allPendingJobs.map(JobInfo::getId).containsAll(listOf(wakeId, jobId)))
    }
}
