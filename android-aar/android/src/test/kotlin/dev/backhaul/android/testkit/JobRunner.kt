package dev.backhaul.android.testkit

import android.app.Notification
import android.app.job.IJobCallback
import android.app.job.IJobService
import android.app.job.JobInfo
import android.app.job.JobWorkItem
import android.content.Intent
import android.os.Build
import dev.backhaul.android.BackhaulJobService
import org.robolectric.Robolectric

/**
 * One run of a job: the system's side of a bound service. All calls go through the platform's own
 * `JobServiceEngine`, in the order that it gives them.
 */
class JobRunner(
    val job: JobInfo,
    private val scheduler: StrictJobScheduler,
    isDeadlineExpired: Boolean,
) : IJobCallback.Stub() {
    private val controller = Robolectric.buildService(BackhaulJobService::class.java).create()
    private val service = IJobService.Stub.asInterface(controller.get().onBind(Intent()))
    private val parameters = parametersOf(job, asBinder(), isDeadlineExpired)

    /** What the service answered: still works, or was done at once. */
    var answer: Boolean? = null
        private set
    var isOver = false
        private set

    /** Whether it is to come again. */
    var reschedules: Boolean? = null
        private set
    val notifications = mutableListOf<Notification>()
    var notificationId: Int? = null
        private set
    var received = 0L
        private set
    private var isStopping = false
    private var isDead = false

    fun start() {
        service.startJob(parameters)
        MainLooper.idle()
    }

    fun stop(reason: Int) {
        isStopping = true
        parameters.stopFor(reason)
        service.stopJob(parameters)
        MainLooper.idle()
    }

    /** The process is gone. What it would still say within this one never happened. */
    fun die() {
        isOver = true
        isDead = true
    }

    override fun acknowledgeStartMessage(
        jobId: Int,
        workOngoing: Boolean,
    ) {
        answer = workOngoing
        if (!workOngoing) end(false)
    }

    override fun jobFinished(
        jobId: Int,
        reschedule: Boolean,
    ) {
        if (isDead) return
        if (isOver) scheduler.violations += "job $jobId was finished although it was over"
        if (isStopping) scheduler.violations += "job $jobId was finished after it was stopped"
        end(reschedule)
    }

    override fun acknowledgeStopMessage(
        jobId: Int,
        reschedule: Boolean,
    ) {
        end(reschedule)
    }

    private fun end(reschedule: Boolean) {
        if (isOver) return
        isOver = true
        reschedules = reschedule
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE &&
            job.isUserInitiated &&
            answer == true &&
            notifications.isEmpty()
        ) {
            scheduler.violations += "job ${job.id} is user-initiated and showed no notification"
        }
        scheduler.ended(this, reschedule)
        controller.destroy()
    }

    override fun setNotification(
        jobId: Int,
        notificationId: Int,
        notification: Notification,
        jobEndNotificationPolicy: Int,
    ) {
        if (isDead) return
        if (isOver) scheduler.violations += "job $jobId was given a notification although it was over"
        this.notificationId = notificationId
        notifications += notification
    }

    override fun updateTransferredNetworkBytes(
        jobId: Int,
        item: JobWorkItem?,
        transferredDownloadBytes: Long,
        transferredUploadBytes: Long,
    ) {
        received = transferredDownloadBytes
    }

    override fun updateEstimatedNetworkBytes(
        jobId: Int,
        item: JobWorkItem?,
        downloadBytes: Long,
        uploadBytes: Long,
    ) = Unit

    override fun acknowledgeGetTransferredDownloadBytesMessage(
        jobId: Int,
        workId: Int,
        transferredBytes: Long,
    ) = Unit

    override fun acknowledgeGetTransferredUploadBytesMessage(
        jobId: Int,
        workId: Int,
        transferredBytes: Long,
    ) = Unit

    override fun dequeueWork(jobId: Int): JobWorkItem? = null

    override fun completeWork(
        jobId: Int,
        workId: Int,
    ): Boolean = false
}
