package dev.backhaul.android

import android.app.job.JobParameters
import android.app.job.JobService
import android.os.Build
import android.util.Log
import dev.backhaul.BackgroundSessions
import dev.backhaul.TransferException
import dev.backhaul.WakeTicket
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** The last seconds of a job are for the system's calls. */
private val MARGIN = 10.seconds

/** An ordinary job has ten minutes. Expedited ones are stopped sooner, if at all. */
private val JOB_LIMIT = 10.minutes

/**
 * The jobs that run, each with the wake that the sessions were lent (rules S5, W3). A job is finished exactly once, on
 * the main thread (rule W4), and not at all once the system has stopped it. Main thread.
 */
internal class JobRuns(
    private val sessions: BackgroundSessions,
    private val wakes: JobWakeScheduler,
    /** Looks at what the device is like: it may have changed while the process was not running. */
    private val lookAgain: () -> Unit,
) {
    private class Run(
        val service: JobService,
        val parameters: JobParameters,
        /** What the user sees of it; none for a wake. */
        val transfer: TransferRun?,
    )

    private val runs = mutableMapOf<Int, Run>()

    /** The system has begun a job. False if there is nothing to do in it. */
    fun begin(
        service: JobService,
        parameters: JobParameters,
    ): Boolean {
        lookAgain()
        val spec = TransferSpec.of(parameters.extras) ?: return beginWake(service, parameters)
        val session = closedIsNull { sessions.session(spec.session) }
        if (session == null) {
            Log.e(LogcatSink.TAG, "there is no session ${spec.session} any more: its transfer is not carried on")
            return false
        }
        val transfer = TransferRun(service, parameters, session, spec)
        val run = Run(service, parameters, transfer)
        runs[parameters.jobId] = run
        transfer.begin()
        lend(transfer.limit ?: JOB_LIMIT, { conclude(run, transfer) }, session::handleBackgroundEvents)
        return true
    }

    private fun conclude(
        run: Run,
        transfer: TransferRun,
    ) = transfer.look { sum ->
        finish(run) { say ->
            transfer.end(sum)
            say(sum.isUnfinished)
        }
    }

    private fun beginWake(
        service: JobService,
        parameters: JobParameters,
    ): Boolean {
        val run = Run(service, parameters, null)
        runs[parameters.jobId] = run
        wakes.begins()
        // If another wake is wanted the job comes again by itself, should the process die before that was asked for.
        lend(JOB_LIMIT, { finish(run, wakes::ends) }, sessions::handleWake)
        return true
    }

    private fun lend(
        limit: Duration,
        complete: () -> Unit,
        hand: (WakeTicket) -> Boolean,
    ) {
        val ticket = WakeTicket(limit - MARGIN, MainThread, complete)
        closedIsNull { hand(ticket) } ?: ticket.giveBack()
    }

    /**
     * The system wants its run time back. What runs is wound down behind this.
     *
     * @return whether the job is to come again.
     */
    fun stop(parameters: JobParameters): Boolean {
        val run = runs.remove(parameters.jobId) ?: return false
        val reason = if (Build.VERSION.SDK_INT < Build.VERSION_CODES.S) 0 else LaterApi.stopReason(parameters)
        val named = JobReason.ofStop(reason)
        wakes.stopped(named)
        if (run.transfer == null) wakes.ends {}
        if (named == JobReason.USER) run.transfer?.closeByUser() else run.transfer?.close()
        expireIfLast()
        return named != JobReason.USER
    }

    /** Lets go of all of them, and tells the system nothing: as if the process had died. */
    fun end() {
        for (run in runs.values) run.transfer?.close()
        runs.clear()
    }

    private fun finish(
        run: Run,
        end: (say: (isToComeAgain: Boolean) -> Unit) -> Unit,
    ) {
        // Stopped by the system meanwhile, and then perhaps begun again: that is another run.
        if (runs[run.parameters.jobId] !== run) return
        runs -= run.parameters.jobId
        end { isToComeAgain -> run.service.jobFinished(run.parameters, isToComeAgain) }
        run.transfer?.close()
        expireIfLast()
    }

    /** While another job keeps the process going, what a stopped one began may go on. */
    private fun expireIfLast() {
        if (runs.isNotEmpty()) return
        closedIsNull(sessions::expireBackgroundEvents)
    }

    /** An app may have closed its sessions. That costs it its wakes, not its life. */
    private fun <T> closedIsNull(ask: () -> T): T? =
        try {
            ask()
        } catch (closed: TransferException.SessionInvalidated) {
            Log.w(LogcatSink.TAG, "nobody is there for a wake: the sessions were closed", closed)
            null
        }
}
