package dev.backhaul.android

import android.annotation.TargetApi
import android.app.Notification
import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.app.job.JobService
import android.os.Build

/** Every call that Android 14 brought. Nothing here is called on an older one. */
@TargetApi(Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
internal object Api34 {
    fun pendingReason(
        scheduler: JobScheduler,
        id: Int,
    ): Int = scheduler.getPendingJobReason(id)

    fun mayRunUserInitiatedJobs(scheduler: JobScheduler): Boolean = scheduler.canRunUserInitiatedJobs()

    fun userInitiated(builder: JobInfo.Builder): JobInfo.Builder = builder.setUserInitiated(true)

    fun isUserInitiated(parameters: JobParameters): Boolean = parameters.isUserInitiatedJob

    /** The notification of the job, which goes with it. */
    fun setNotification(
        service: JobService,
        parameters: JobParameters,
        notification: Notification,
    ): Unit =
        service.setNotification(
            parameters,
            parameters.jobId,
            notification,
            JobService.JOB_END_NOTIFICATION_POLICY_REMOVE,
        )

    fun updateReceived(
        service: JobService,
        parameters: JobParameters,
        received: Long,
    ): Unit = service.updateTransferredNetworkBytes(parameters, received, 0)
}
