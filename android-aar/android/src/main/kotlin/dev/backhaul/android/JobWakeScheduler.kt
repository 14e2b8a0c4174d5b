package dev.backhaul.android

import android.app.job.JobInfo
import android.content.Context
import android.os.SystemClock
import android.util.Log
import dev.backhaul.WakeRequest
import dev.backhaul.WakeScheduler
import kotlin.time.Clock
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.Instant

/** How long a start waits for the job that it may have been made for. */
private val SETTLING = 5.seconds

/** How long nothing more is asked for after a refusal; twice as long after each further one, up to [LONGEST_PAUSE]. */
private val PAUSE = 1.minutes
private val LONGEST_PAUSE = 1.hours

/** The system refuses an app that asks more than about 250 times in a minute; a busy session changes its mind oftener. */
private val PACE = 1.seconds

/** A wake that is that late is counted as missed: the system may put a job off by some minutes. */
private val MISSED_AFTER = 1.hours

/**
 * Asks `JobScheduler` for the app's next wake: one job for all tasks, persisted, replaced by each new request (rule
 * P6).
 *
 * To ask for a job anew ends it if it runs. So what is wanted while the job runs is asked for when it is over, and
 * what a start wants waits for the job that the process may have been started for. A process that dies meanwhile
 * loses nothing: the system runs a job again whose process died, and the one from before is still there.
 *
 * All is decided on the main thread, after what was posted there before.
 */
internal class JobWakeScheduler(
    context: Context,
    val jobId: Int,
    private val marker: WakeMarker,
) : WakeScheduler {
    private val platform = JobPlatform.of(context)
    private val job = WakeJob(context, jobId)
    private var wanted: Wanted? = null
    private var isNews = false
    private var isRunning = false
    private var isSettling = false
    private var refusals = 0
    private var askedAt: Long? = null
    private var isStopped = false
    private val submit = Runnable(::submitNews)
    private val settle = Runnable(::settled)

    /** Wakes that have begun. Written on the main thread. */
    @Volatile private var begun = 0

    @Volatile private var said = WakeStatus(null, null, null, null, null)

    /** An earlier process has asked for a wake, and somebody has taken it away. */
    val isLost: Boolean

    init {
        val pending = platform.pending(jobId)
        isLost = marker.isSet && pending == null
        // The job may be just coming, and this process may have been started for it.
        if (pending != null) {
            isSettling = true
            MainThread.handler.postDelayed(settle, SETTLING.inWholeMilliseconds)
            said = said.copy(missed = missedWake(pending))
            said.missed?.let {
                Log.w(LogcatSink.TAG, "the wake of $it did not come: what is of use is asked for again")
            }
        }
    }

    /** Any thread. */
    val status: WakeStatus get() = said.copy(heldBy = platform.heldBy(jobId))

    override fun schedule(request: WakeRequest) {
        want(Wanted.of(request))
    }

    override fun cancel(): Unit = want(null)

    /** The job has begun: what was asked for has come. Main thread. */
    fun begins() {
        settled()
        begun += 1
        isRunning = true
        wanted = null
        isNews = false
    }

    /**
     * The job is over. Main thread.
     *
     * @param say tells the system, and whether another job is wanted. That is asked for behind it: what is told to the
     *   system goes through the main thread's queue as well.
     */
    fun ends(say: (isAnotherWanted: Boolean) -> Unit) {
        say(wanted != null)
        marker.set(wanted != null)
        isRunning = false
        submitSoon()
    }

    /** The system ended the job. Main thread. */
    fun stopped(reason: JobReason) {
        said = said.copy(lastStop = JobStop(reason, Clock.System.now()))
    }

    /** Asks for nothing more. */
    fun stop() {
        isStopped = true
        MainThread.handler.removeCallbacks(submit)
        MainThread.handler.removeCallbacks(settle)
    }

    private fun want(new: Wanted?) {
        val before = begun
        MainThread.execute {
            // A wake has begun since: once it is over the sessions ask for what they still want.
            if (before == begun) {
                wanted = new
                isNews = true
                submitSoon()
            }
        }
    }

    private fun settled() {
        isSettling = false
        MainThread.handler.removeCallbacks(settle)
        submitSoon()
    }

    /** However many requests come within [PACE], the last one is asked for. */
    private fun submitSoon() {
        val pause = askedAt?.let { it + PACE.inWholeMilliseconds - SystemClock.uptimeMillis() } ?: 0
        submitIn(pause.coerceAtLeast(0))
    }

    private fun submitIn(pauseMs: Long) {
        MainThread.handler.removeCallbacks(submit)
        MainThread.handler.postDelayed(submit, pauseMs)
    }

    private fun submitNews() {
        if (!isNews || isRunning || isSettling || isStopped) return
        isNews = false
        askedAt = SystemClock.uptimeMillis()
        val refusal = wanted?.let(::ask)
        if (wanted == null) {
            platform.cancel(jobId)
            marker.set(false)
        }
        said = said.copy(asked = wanted?.request, refusal = refusal)
    }

    /** Why the platform does not take it, if it does not. */
    private fun ask(wanted: Wanted): String? {
        val now = SystemClock.elapsedRealtime()
        val expedited = job.mayBeExpedited(wanted, now)
        var answer = platform.schedule { job.info(wanted, now, expedited) }
        // The quota of expedited jobs is used up: an ordinary one comes later, but it comes.
        if (expedited && answer is JobAnswer.Refused) answer = platform.schedule { job.info(wanted, now, false) }
        return when (answer) {
            JobAnswer.Taken -> {
                marker.set(true)
                refusals = 0
                null
            }

            is JobAnswer.Refused -> {
                answer.why.also { askAgainLater(it) }
            }

            is JobAnswer.Impossible -> {
                answer.why.also { Log.e(LogcatSink.TAG, "no wake can be asked for: $it") }
            }
        }
    }

    private fun askAgainLater(why: String) {
        val pause = (PAUSE * (1 shl refusals.coerceAtMost(MOST_DOUBLINGS))).coerceAtMost(LONGEST_PAUSE)
        refusals += 1
        isNews = true
        Log.w(LogcatSink.TAG, "the wake is asked for again in $pause: $why")
        submitIn(pause.inWholeMilliseconds)
    }

    private fun missedWake(job: JobInfo): Instant? =
        WakeJob.dueOf(job)?.takeIf { Clock.System.now() - it > MISSED_AFTER }

    private companion object {
        const val MOST_DOUBLINGS = 6
    }
}
