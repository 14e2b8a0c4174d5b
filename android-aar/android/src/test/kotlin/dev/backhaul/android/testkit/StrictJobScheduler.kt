package dev.backhaul.android.testkit

import android.Manifest
import android.app.Application
import android.app.job.IUserVisibleJobObserver
import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.app.job.JobSnapshot
import android.app.job.JobWorkItem
import android.content.Context
import android.content.pm.PackageManager
import android.os.Build
import android.os.SystemClock
import dev.backhaul.android.Backhaul
import dev.backhaul.android.containerOf
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowContextImpl

/**
 * `JobScheduler` with the rules that Robolectric's shadow does not enforce: no more than 150 jobs, quotas, permissions,
 * a job that runs and is asked for anew is stopped, and the end of the process, of the device and of the user's
 * patience. It runs a job when a test says so. What the app does against the rules is in [violations].
 *
 * It is the system's: it stays when the app's process dies. A module that uses it names [RealJobService] and
 * [RealJobScheduler] as `shadows` in its `robolectric.properties`.
 */
class StrictJobScheduler private constructor(
    private val application: Application,
) : JobScheduler() {
    private class Asked(
        val info: JobInfo,
        val at: Long,
    )

    private val jobs = LinkedHashMap<Int, Asked>()
    private val runs = LinkedHashMap<Int, JobRunner>()

    /** What the app did that a system would punish. */
    val violations = mutableListOf<String>()

    /** Every request that was taken, oldest first. */
    val taken = mutableListOf<JobInfo>()

    /** Whether the app is on the screen: else it may start no user-initiated job. */
    var isAppVisible = false

    /** No expedited job is taken any more. */
    var isExpeditedQuotaUsedUp = false

    /** No job begins any more. */
    var isQuotaUsedUp = false

    /** Lets go of what a test holds of the process: the last handle ends a session. */
    var onDeath: () -> Unit = {}

    /** The app asks too often: nothing is taken. */
    var isRefusing = false

    override fun schedule(job: JobInfo): Int {
        check(job.service.packageName == application.packageName) { "a service of another app: ${job.service}" }
        if (job.isPersisted) require(holds(Manifest.permission.RECEIVE_BOOT_COMPLETED)) { "RECEIVE_BOOT_COMPLETED" }
        if (needsNetwork(job) && !holds(Manifest.permission.ACCESS_NETWORK_STATE)) {
            throw SecurityException("ACCESS_NETWORK_STATE")
        }
        if (isRefusing) return RESULT_FAILURE
        if (isUserInitiated(job)) {
            if (!canRunUserInitiatedJobs()) throw SecurityException("RUN_USER_INITIATED_JOBS")
            if (!isAppVisible) return RESULT_FAILURE
        }
        if (isExpedited(job) && isExpeditedQuotaUsedUp) return RESULT_FAILURE
        check(job.id in jobs || jobs.size < LIMIT) { "Apps may not schedule more than $LIMIT distinct jobs" }
        runs[job.id]?.let {
            violations += "job ${job.id} was asked for anew while it ran"
            it.stop(JobParameters.STOP_REASON_CANCELLED_BY_APP)
        }
        jobs[job.id] = Asked(job, SystemClock.elapsedRealtime())
        taken += job
        return RESULT_SUCCESS
    }

    override fun enqueue(
        job: JobInfo,
        work: JobWorkItem,
    ): Int = error("nobody enqueues work")

    override fun scheduleAsPackage(
        job: JobInfo,
        packageName: String,
        userId: Int,
        tag: String?,
    ): Int = error("hidden")

    override fun cancel(jobId: Int) {
        jobs -= jobId
        runs[jobId]?.let {
            violations += "job $jobId was cancelled while it ran"
            it.stop(JobParameters.STOP_REASON_CANCELLED_BY_APP)
        }
    }

    override fun cancelAll() = jobs.keys.toList().forEach(::cancel)

    override fun getAllPendingJobs(): MutableList<JobInfo> = jobs.values.mapTo(mutableListOf()) { it.info }

    override fun getPendingJob(jobId: Int): JobInfo? = jobs[jobId]?.info

    override fun getPendingJobReason(jobId: Int): Int =
        when {
            jobId !in jobs -> PENDING_JOB_REASON_INVALID_JOB_ID
            jobId in runs -> PENDING_JOB_REASON_EXECUTING
            isQuotaUsedUp -> PENDING_JOB_REASON_QUOTA
            leftMs(jobId) > 0 -> PENDING_JOB_REASON_CONSTRAINT_MINIMUM_LATENCY
            else -> PENDING_JOB_REASON_UNDEFINED
        }

    override fun canRunUserInitiatedJobs(): Boolean = holds("android.permission.RUN_USER_INITIATED_JOBS")

    override fun hasRunUserInitiatedJobsPermission(
        packageName: String,
        userId: Int,
    ): Boolean = error("hidden")

    override fun getStartedJobs(): MutableList<JobInfo> = error("hidden")

    override fun getAllJobSnapshots(): MutableList<JobSnapshot> = error("hidden")

    override fun registerUserVisibleJobObserver(observer: IUserVisibleJobObserver): Unit = error("hidden")

    override fun unregisterUserVisibleJobObserver(observer: IUserVisibleJobObserver): Unit = error("hidden")

    override fun notePendingUserRequestedAppStop(
        packageName: String,
        userId: Int,
        debugReason: String?,
    ): Unit = error("hidden")

    /** Runs the job, after the time that it is to wait. The process is started for it where there is none. */
    fun run(
        jobId: Int,
        isDeadlineExpired: Boolean = false,
    ): JobRunner {
        val asked = checkNotNull(jobs[jobId]) { "there is no job $jobId; there are ${jobs.keys}" }
        check(jobId !in runs) { "job $jobId runs" }
        check(!isQuotaUsedUp) { "the quota is used up" }
        val left = leftMs(jobId)
        if (left > 0 && !isDeadlineExpired) SystemClock.setCurrentTimeMillis(SystemClock.uptimeMillis() + left)
        return JobRunner(asked.info, this, isDeadlineExpired).also {
            runs[jobId] = it
            it.start()
        }
    }

    /** The system ends the run. */
    fun stop(
        run: JobRunner,
        reason: Int,
    ) {
        check(runs[run.job.id] === run) { "job ${run.job.id} does not run" }
        run.stop(reason)
        check(run.isOver) { "onStopJob was not answered" }
    }

    internal fun ended(
        run: JobRunner,
        reschedule: Boolean,
    ) {
        if (runs[run.job.id] !== run) return
        runs -= run.job.id
        if (!reschedule) jobs -= run.job.id
    }

    /** The process dies. The system runs its jobs again. */
    fun killProcess() {
        runs.values.forEach { it.die() }
        runs.clear()
        leavingDiskOf(containerOf(application)) {
            onDeath()
            Backhaul.end()
        }
    }

    /** The device starts again: what was not persisted is forgotten. */
    fun reboot() {
        killProcess()
        jobs.values.removeAll { !it.info.isPersisted }
    }

    /** The user ends the app in the settings: all its jobs go with it. */
    fun forceStop() {
        killProcess()
        jobs.clear()
    }

    private fun leftMs(jobId: Int): Long {
        val asked = jobs.getValue(jobId)
        return asked.at + asked.info.minLatencyMillis - SystemClock.elapsedRealtime()
    }

    private fun holds(permission: String) =
        application.checkSelfPermission(permission) == PackageManager.PERMISSION_GRANTED

    private fun needsNetwork(job: JobInfo) =
        Build.VERSION.SDK_INT >= Build.VERSION_CODES.P && job.requiredNetwork != null

    private fun isExpedited(job: JobInfo) = Build.VERSION.SDK_INT >= Build.VERSION_CODES.S && job.isExpedited

    private fun isUserInitiated(job: JobInfo) =
        Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE && job.isUserInitiated

    companion object {
        private const val LIMIT = 150

        /** Puts one in the place of the application's. */
        fun install(application: Application): StrictJobScheduler =
            StrictJobScheduler(application).also {
                Shadow
                    .extract<ShadowContextImpl>(application.baseContext)
                    .setSystemService(Context.JOB_SCHEDULER_SERVICE, it)
            }
    }
}
