package dev.backhaul.wear.model

import dev.backhaul.DownloadedFile
import dev.backhaul.Plan
import dev.backhaul.Session
import dev.backhaul.SessionConfiguration
import dev.backhaul.SessionDelegate
import dev.backhaul.SessionLaunch
import dev.backhaul.TaskInfo
import dev.backhaul.TaskState
import dev.backhaul.TransferException
import dev.backhaul.wear.R
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.io.path.deleteIfExists
import kotlin.io.path.exists
import kotlin.io.path.readBytes
import kotlin.time.Clock
import kotlin.time.Duration.Companion.hours

/**
 * The app's one background session: what it is made of, what it downloads, and what becomes of that.
 *
 * It holds nothing that must outlive the process: what is under way is in the session's store, what came is in the
 * [PostcardStore]. So it makes no difference which process asked for a file and which one is told of it.
 *
 * As the session's delegate it is called on a thread of the session's own, in the foreground and in wakes alike. An end
 * that is told again after a crash (rule D4) finds its work done, or does it again: each step can be repeated.
 */
internal class Downloads(
    val environment: AppEnvironment,
    private val transfers: UserTransfers,
) : SessionDelegate {
    val store = PostcardStore(environment.content)

    private val opened = CompletableFuture<Session>()

    /** One at a time: a finger may be quicker than a disk. */
    private val refreshing = Mutex()

    /** The parts of the session: the same at every launch. */
    fun launch(): SessionLaunch {
        val configuration =
            SessionConfiguration.watch(SESSION).apply {
                baseDirectories = mapOf(Download.BASE to environment.content)
                // Whoever refreshes wants it now. What is asked for in advance is discretionary (rule P4), and after
                // half of these four hours it no longer insists on the charger.
                isDiscretionary = false
                timeoutForResource = 4.hours
                environment.configure(this)
            }
        return SessionLaunch(configuration, this)
    }

    /** The session that was made of [launch]. The delegate is called as soon as there is one, and waits for this. */
    fun opened(session: Session) {
        opened.complete(session)
    }

    private fun session(): Session = opened.get(MOST_SECONDS_TO_OPEN, TimeUnit.SECONDS)

    /**
     * What the button does: the feed, and then the picture of the day, in one commit. It goes on without the app being
     * alive (rule L6), and a feed that cannot be had spares the picture. Asked for again while it is under way, it is
     * the same plan (rule L5). Returns when it is safe on disk, not when it is done.
     */
    suspend fun refresh(): Unit =
        refreshing.withLock {
            withContext(Dispatchers.IO) {
                val session = session()
                forgetEnded(session) { true }
                val isNew = session.taskWithCallerIdBlocking(Download.OfFeed.callerId) == null
                val plan = Plan()
                val feed = plan.add(Download.OfFeed.request(environment.server))
                plan.add(Download.OfCover.request(environment.server), feed)
                val tasks = session.enqueueBlocking(plan)
                if (isNew) transfers.start(R.string.notification_feed, tasks)
            }
        }

    /** Asks for the feed after the one that is here, unless that was done: so there is news although nobody looks. */
    fun askForNextFeed() {
        if (store.feed() == null) return
        val request =
            Download.OfNextFeed.request(environment.server).copy(
                isDiscretionary = true,
                earliestBeginDate = Clock.System.now() + environment.refreshInterval,
            )
        session().enqueueBlocking(request)
    }

    override fun didFinishDownloadingTo(
        task: TaskInfo,
        file: DownloadedFile,
    ) {
        when (val download = task.note?.download) {
            is Download.OfFeed, is Download.OfNextFeed -> takeFeed(task, file, download.isForUser)
            is Download.OfPicture, is Download.OfCover, null -> Unit
        }
    }

    /** All that was to be told has been told: time to tidy up, and to look ahead. */
    override fun didFinishEventsForBackgroundSession() {
        // What failed stays in the list until the user refreshes.
        forgetEnded(session()) { task ->
            task.callerId == Download.OfNextFeed.callerId || (task.error == null && task.note?.isUseless != true)
        }
        askForNextFeed()
    }

    private fun takeFeed(
        task: TaskInfo,
        file: DownloadedFile,
        isForUser: Boolean,
    ) {
        // Told again: the feed was taken the first time.
        if (!file.location.exists()) return
        val json = file.location.readBytes()
        val feed =
            try {
                Feed.read(json)
            } catch (_: FeedMistake) {
                null
            }
        if (feed != null) {
            askForPictures(feed, isForUser)
            store.install(json)
        } else {
            // Not thrown: it would be told again at every launch, and be no better.
            val note = DownloadNote(if (isForUser) Download.OfFeed else Download.OfNextFeed, isUseless = true)
            session().taskBlocking(task.id).setMetadataBlocking(note.encoded())
        }
        file.location.deleteIfExists()
    }

    /** Asks for the pictures that are neither here nor on their way. */
    private fun askForPictures(
        feed: Feed,
        isForUser: Boolean,
    ) {
        val missing =
            feed.postcards
                .filter { store.picture(it.id) == null }
                .map { Download.OfPicture(it, isForUser) }
        if (missing.isEmpty()) return
        val callerIds = missing.map { it.callerId }.toSet()
        forgetEnded(session()) { it.callerId in callerIds }
        val tasks = session().enqueueBlocking(missing.map { it.request(environment.server) })
        if (isForUser) transfers.start(R.string.notification_pictures, tasks)
    }

    /**
     * Lets go of tasks that have ended, so that the same downloads can be asked for again. Those whose end is still to be
     * told stay.
     */
    private fun forgetEnded(
        session: Session,
        isOld: (TaskInfo) -> Boolean,
    ) {
        for (task in session.tasksBlocking()) {
            if (task.state != TaskState.Completed || !isOld(task)) continue
            try {
                session.forgetBlocking(listOf(task.id))
            } catch (_: TransferException.InvalidRequest) {
                continue
            }
        }
    }

    companion object {
        const val SESSION = "postcards"

        private const val MOST_SECONDS_TO_OPEN = 10L
    }
}
