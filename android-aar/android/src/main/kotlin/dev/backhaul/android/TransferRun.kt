package dev.backhaul.android

import android.app.Notification
import android.app.job.JobParameters
import android.app.job.JobService
import android.os.Build
import dev.backhaul.Session
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours

/** A user-initiated job may run that long. */
private val USER_INITIATED_LIMIT = 12.hours

/** What the user sees of a job that runs for a transfer, from its beginning to its end. Main thread. */
internal class TransferRun(
    private val service: JobService,
    private val parameters: JobParameters,
    session: Session,
    spec: TransferSpec,
) {
    private val notices = TransferNotices(service.applicationContext, parameters.jobId, spec)
    private val watch = TransferWatch(session, spec, ::show)
    private val isUserInitiated =
        Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE && Api34.isUserInitiated(parameters)

    /** How long it may run; none for as long as any job. */
    val limit: Duration? = USER_INITIATED_LIMIT.takeIf { isUserInitiated }

    /** A user-initiated job that shows no notification within seconds is an app that does not answer. */
    fun begin() {
        notices.hideEnd()
        showOfJob(notices.progress(null))
        watch.begin()
    }

    /** Nothing moves any more: says how they stand. */
    fun look(conclusion: (TransferSum) -> Unit) = watch.look(conclusion)

    /** All that can be done was done: the user is told how it ended. */
    fun end(sum: TransferSum) {
        if (sum.ended == sum.count && sum.cancelled < sum.count) notices.showEnd(sum)
    }

    /** The job is over. Its notification goes with it. */
    fun close() {
        watch.close()
        hide()
    }

    /** The user has stopped it: nothing goes on behind their back. */
    fun closeByUser() {
        watch.suspendTasks()
        hide()
    }

    private fun hide() {
        if (!isUserInitiated) notices.hideProgress()
    }

    private fun show(sum: TransferSum) {
        showOfJob(notices.progress(sum))
        if (isUserInitiated) Api34.updateReceived(service, parameters, sum.received)
    }

    private fun showOfJob(notification: Notification) {
        if (isUserInitiated) {
            Api34.setNotification(service, parameters, notification)
        } else {
            notices.showProgress(notification)
        }
    }
}
