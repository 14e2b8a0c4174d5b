package dev.backhaul.wear

import android.Manifest
import android.app.Notification
import android.app.job.JobInfo
import android.app.job.JobParameters
import android.view.View
import android.widget.ListView
import dev.backhaul.AppState
import dev.backhaul.Network
import dev.backhaul.RetryPolicy
import dev.backhaul.Session
import dev.backhaul.SessionEvent
import dev.backhaul.SystemConditions
import dev.backhaul.android.Backhaul
import dev.backhaul.android.testkit.JobRunner
import dev.backhaul.android.testkit.MainLooper
import dev.backhaul.android.testkit.StrictJobScheduler
import dev.backhaul.wear.model.AppEnvironment
import dev.backhaul.wear.model.Downloads
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.io.path.exists
import kotlin.io.path.readBytes
import kotlin.test.assertEquals
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/**
 * A watch with the app on it, and a server. The day begins on unmetered Wi-Fi, off the charger. Closing it fails the
 * test if the app broke a rule of `JobScheduler`.
 */
class Watch : AutoCloseable {
    val site = Site()
    val app = RuntimeEnvironment.getApplication() as TestPostcardsApp
    val jobs = StrictJobScheduler.install(app)
    private val content = app.noBackupFilesDir.toPath().resolve("postcards")
    private var isAlive = false
    private var watched: Session? = null
    private val runs = mutableListOf<JobRunner>()

    /** Where transfers went on that had been stopped, in all processes so far. */
    val resumedAt = CopyOnWriteArrayList<Long>()
    private var screen: ActivityController<PostcardsActivity>? = null
    private var isShown: Boolean by jobs::isAppVisible

    init {
        shadowOf(app).grantPermissions(
            Manifest.permission.RECEIVE_BOOT_COMPLETED,
            Manifest.permission.ACCESS_NETWORK_STATE,
            "android.permission.RUN_USER_INITIATED_JOBS",
            "android.permission.POST_NOTIFICATIONS",
        )
        app.home =
            AppEnvironment(
                server = site.url,
                content = content,
                // It is asked for at once, and it is discretionary: the charger decides when it comes.
                refreshInterval = Duration.ZERO,
                lookInterval = 50.milliseconds,
            ) {
                it.plainHttpHosts = setOf("127.0.0.1")
                it.retryPolicy = RetryPolicy(20.milliseconds, 200.milliseconds)
            }
        jobs.onDeath = { if (isAlive) letGo() }
        joinWifi()
        charge(false)
    }

    override fun close() {
        kill()
        site.close()
        assertEquals(emptyList(), jobs.violations)
    }

    // What the system does.

    /** Whoever still refers to a session of the dead process keeps it: nothing moves there any more. */
    private fun still() {
        Backhaul.sessions.setConditions(SystemConditions(network = Network.NONE, appState = AppState.NOT_RUNNING))
        awaitStillness()
    }

    private fun letGo() {
        app.model?.session?.close()
        watched?.close()
    }

    /** The process begins, for whatever reason. */
    private fun startProcess() {
        if (isAlive) return
        isAlive = true
        app.startProcess()
        check(app.problem == null) { app.problem.orEmpty() }
        val session = checkNotNull(Backhaul.sessions.session(Downloads.SESSION))
        watched = session
        // Until the process ends, and the session with it.
        CoroutineScope(Dispatchers.Default).launch(start = CoroutineStart.UNDISPATCHED) {
            session.events.collect { if (it is SessionEvent.ResumedAtOffset) resumedAt += it.offset }
        }
    }

    /** The system takes the app's memory, and asks nobody first. */
    fun kill() {
        if (isAlive) still()
        jobs.killProcess()
        forgetScreen()
    }

    /** The user ends the app in the settings. */
    fun forceStop() {
        if (isAlive) still()
        jobs.forceStop()
        forgetScreen()
    }

    private fun forgetScreen() {
        isAlive = false
        if (isShown) screen?.pause()?.stop()
        screen?.destroy()
        screen = null
        isShown = false
        MainLooper.idle()
    }

    /** The system runs the one job that all tasks ask for. */
    fun wake(): JobRunner {
        startProcess()
        val waiting = { jobs.allPendingJobs.filterNot { it.isUserInitiated } }
        MainLooper.await("a wake is asked for") { waiting().isNotEmpty() }
        return jobs.run(waiting().single().id).also { runs += it }
    }

    /** The system runs the jobs of what the user asked for: at once, and again after they were stopped. */
    fun runUserJobs() {
        val isRunning = { job: JobInfo -> running.any { it.job.id == job.id } }
        for (job in jobs.allPendingJobs.filter { it.isUserInitiated && !isRunning(it) }) runs += jobs.run(job.id)
    }

    /** The same, until one runs whose notification has this title. */
    fun userJob(title: String): JobRunner {
        val found = {
            running.find {
                it.notifications
                    .last()
                    .extras
                    .getString(Notification.EXTRA_TITLE) == title
            }
        }
        MainLooper.await("the job: $title") {
            runUserJobs()
            found() != null
        }
        return checkNotNull(found())
    }

    /** The jobs that run. */
    val running: List<JobRunner> get() = runs.filterNot { it.isOver }

    /** The system takes the run time back that it has lent. */
    fun interrupt() {
        for (run in running) jobs.stop(run, JobParameters.STOP_REASON_DEVICE_STATE)
    }

    /** Waits until no job runs. */
    fun awaitJobs() = MainLooper.await("the jobs are finished") { running.isEmpty() }

    /** Waits until no bytes move. */
    fun awaitStillness() = MainLooper.await("nothing moves") { checkNotNull(watched).status.transferring == 0L }

    // What the user does.

    /** Opens the app. */
    fun open() {
        startProcess()
        // Before the app is told: what it does at once is done on the screen.
        isShown = true
        screen =
            screen?.restart()?.resume()
                ?: Robolectric
                    .buildActivity(PostcardsActivity::class.java)
                    .create()
                    .start()
                    .resume()
                    .visible()
        MainLooper.idle()
    }

    /** Goes to the watch face. */
    fun leave() {
        checkNotNull(screen) { "the app is not open" }.pause().stop()
        isShown = false
        MainLooper.idle()
    }

    /** Touches the button. */
    fun refresh() {
        val position = rows.indexOfFirst { it is Row.Refresh }
        list.performItemClick(rowView(position), position, position.toLong())
        MainLooper.idle()
    }

    // What can be seen.

    val activity: PostcardsActivity get() = checkNotNull(screen) { "the app is not open" }.get()
    val list: ListView get() = activity.requireViewById(R.id.list)
    internal val rows: List<Row> get() = List(list.adapter.count) { list.adapter.getItem(it) as Row }

    /** A row as the adapter draws it. */
    fun rowView(position: Int): View = list.adapter.getView(position, null, list)

    /** What a screen reader says of the tasks' rows. */
    val tasks: List<String> get() = spoken { it is Row.Task }

    /** The postcards by their titles; with `+` those whose picture is here. */
    val postcards: List<String>
        get() =
            rows.filterIsInstance<Row.Card>().map { it.postcard.title + if (it.postcard.picture == null) "" else "+" }

    internal fun spoken(isMeant: (Row) -> Boolean): List<String> =
        rows.indices.filter { isMeant(rows[it]) }.map { rowView(it).contentDescription.toString() }

    /** Waits until the screen shows these postcards and tasks. */
    fun shows(
        postcards: List<String> = emptyList(),
        vararg tasks: String,
    ) = awaitOnScreen { this.postcards == postcards && this.tasks.sorted() == tasks.sorted() }

    /** Waits until something is so of the screen. */
    fun awaitOnScreen(isSo: () -> Boolean) {
        try {
            MainLooper.await("the screen", isSo)
        } catch (other: AssertionError) {
            throw AssertionError("the screen shows: $postcards $tasks $rows", other)
        }
    }

    /** A postcard's picture on disk, if it has come. */
    fun pictureOnDisk(id: String): ByteArray? = content.resolve("pictures/$id").takeIf { it.exists() }?.readBytes()

    val coverOnDisk: ByteArray? get() = content.resolve("cover").takeIf { it.exists() }?.readBytes()
}
