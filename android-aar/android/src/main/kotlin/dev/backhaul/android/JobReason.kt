package dev.backhaul.android

import android.app.job.JobParameters
import android.app.job.JobScheduler
import dev.backhaul.WaitReason
import kotlin.time.Instant

/**
 * Why the system ended a job before its work was done, or does not let it begin: `JobParameters.getStopReason` and
 * `JobScheduler.getPendingJobReason`, by one name each.
 *
 * @property waitReason what this is for the tasks that wait.
 */
public enum class JobReason(
    public val waitReason: WaitReason,
) {
    /** The app has used up the run time of its standby bucket. */
    QUOTA(WaitReason.WakeBudget),

    /** The app is rarely used. */
    APP_STANDBY(WaitReason.WakeBudget),

    /** The user has restricted the app in the background. */
    BACKGROUND_RESTRICTION(WaitReason.WakeBudget),

    /** The job has had the longest time that a job gets. */
    TIMEOUT(WaitReason.WakeBudget),

    /** The system needed the place for something more important. */
    PREEMPTED(WaitReason.WakeBudget),

    /** The system is busy with itself. */
    SYSTEM(WaitReason.WakeBudget),

    /** The network that it needs is gone, or not there yet. */
    CONNECTIVITY(WaitReason.Connectivity),

    /** It needs a charger. */
    CHARGING(WaitReason.Discretionary),

    /** It needs a device that nobody uses. */
    DEVICE_IDLE(WaitReason.Discretionary),

    /** The battery is low. */
    BATTERY_LOW(WaitReason.LowPower),

    /** Doze, battery saver, heat, or little memory. */
    DEVICE_STATE(WaitReason.LowPower),

    /** Storage is short. */
    STORAGE_LOW(WaitReason.Storage),

    /** Its time has not come. */
    MINIMUM_LATENCY(WaitReason.EarliestBeginDate),

    /** The user stopped it. */
    USER(WaitReason.Suspended),

    /** The app took it back, or asked for another in its place. */
    APP(WaitReason.WakeBudget),

    /** Nobody says: before Android 12 the system gives no reasons. */
    UNDEFINED(WaitReason.WakeBudget),
    ;

    internal companion object {
        /** `JobParameters.STOP_REASON_TIMEOUT_ABANDONED`, of Android 16. */
        private const val TIMEOUT_ABANDONED = 16

        fun ofStop(reason: Int): JobReason =
            when (reason) {
                JobParameters.STOP_REASON_QUOTA -> QUOTA

                JobParameters.STOP_REASON_APP_STANDBY -> APP_STANDBY

                JobParameters.STOP_REASON_BACKGROUND_RESTRICTION -> BACKGROUND_RESTRICTION

                JobParameters.STOP_REASON_TIMEOUT, TIMEOUT_ABANDONED -> TIMEOUT

                JobParameters.STOP_REASON_PREEMPT -> PREEMPTED

                JobParameters.STOP_REASON_SYSTEM_PROCESSING,
                JobParameters.STOP_REASON_ESTIMATED_APP_LAUNCH_TIME_CHANGED,
                -> SYSTEM

                JobParameters.STOP_REASON_CONSTRAINT_CONNECTIVITY -> CONNECTIVITY

                JobParameters.STOP_REASON_CONSTRAINT_CHARGING -> CHARGING

                JobParameters.STOP_REASON_CONSTRAINT_DEVICE_IDLE -> DEVICE_IDLE

                JobParameters.STOP_REASON_CONSTRAINT_BATTERY_NOT_LOW -> BATTERY_LOW

                JobParameters.STOP_REASON_DEVICE_STATE -> DEVICE_STATE

                JobParameters.STOP_REASON_CONSTRAINT_STORAGE_NOT_LOW -> STORAGE_LOW

                JobParameters.STOP_REASON_USER -> USER

                JobParameters.STOP_REASON_CANCELLED_BY_APP -> APP

                else -> UNDEFINED
            }

        /** None where nothing holds it: it runs, or there is no such job. */
        fun ofPending(reason: Int): JobReason? =
            when (reason) {
                JobScheduler.PENDING_JOB_REASON_EXECUTING,
                JobScheduler.PENDING_JOB_REASON_INVALID_JOB_ID,
                -> null

                JobScheduler.PENDING_JOB_REASON_QUOTA -> QUOTA

                JobScheduler.PENDING_JOB_REASON_APP_STANDBY -> APP_STANDBY

                JobScheduler.PENDING_JOB_REASON_BACKGROUND_RESTRICTION -> BACKGROUND_RESTRICTION

                JobScheduler.PENDING_JOB_REASON_JOB_SCHEDULER_OPTIMIZATION,
                JobScheduler.PENDING_JOB_REASON_CONSTRAINT_PREFETCH,
                -> SYSTEM

                JobScheduler.PENDING_JOB_REASON_CONSTRAINT_CONNECTIVITY -> CONNECTIVITY

                JobScheduler.PENDING_JOB_REASON_CONSTRAINT_CHARGING -> CHARGING

                JobScheduler.PENDING_JOB_REASON_CONSTRAINT_DEVICE_IDLE -> DEVICE_IDLE

                JobScheduler.PENDING_JOB_REASON_CONSTRAINT_BATTERY_NOT_LOW -> BATTERY_LOW

                JobScheduler.PENDING_JOB_REASON_DEVICE_STATE -> DEVICE_STATE

                JobScheduler.PENDING_JOB_REASON_CONSTRAINT_STORAGE_NOT_LOW -> STORAGE_LOW

                JobScheduler.PENDING_JOB_REASON_CONSTRAINT_MINIMUM_LATENCY -> MINIMUM_LATENCY

                JobScheduler.PENDING_JOB_REASON_USER -> USER

                JobScheduler.PENDING_JOB_REASON_APP -> APP

                else -> UNDEFINED
            }
    }
}

/**
 * A job that the system ended before its work was done.
 *
 * @property reason why.
 * @property at when.
 */
public data class JobStop(
    public val reason: JobReason,
    public val at: Instant,
)
