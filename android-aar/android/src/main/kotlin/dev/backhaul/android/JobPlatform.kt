package dev.backhaul.android

import android.app.job.JobInfo
import android.app.job.JobScheduler
import android.content.Context
import android.os.Build
import android.util.Log

/** What `JobScheduler` says to a request. */
internal sealed interface JobAnswer {
    data object Taken : JobAnswer

    /**
     * Not now.
     *
     * @property isFull for too many jobs or requests; else for a quota, or for the state that the app is in.
     */
    data class Refused(
        val why: String,
        val isFull: Boolean,
    ) : JobAnswer

    /** Not before the app was changed. */
    data class Impossible(
        val why: String,
    ) : JobAnswer
}

/** `JobScheduler` without its exceptions: each becomes an answer that says what to do. */
internal class JobPlatform private constructor(
    private val scheduler: JobScheduler?,
) {
    /** The job with this number, also while it runs. */
    fun pending(id: Int): JobInfo? = attempt { it.getPendingJob(id) }

    fun cancel(id: Int) {
        attempt { it.cancel(id) }
    }

    /** Why the job does not begin, where the system says so. */
    fun heldBy(id: Int): JobReason? =
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.UPSIDE_DOWN_CAKE) {
            null
        } else {
            attempt { JobReason.ofPending(Api34.pendingReason(it, id)) }
        }

    /** Whether the app may ask for user-initiated jobs. Android 14. */
    fun mayRunUserInitiatedJobs(): Boolean = attempt(Api34::mayRunUserInitiatedJobs) ?: false

    fun schedule(job: () -> JobInfo): JobAnswer {
        val scheduler = scheduler ?: return JobAnswer.Impossible("this device has no JobScheduler")
        return try {
            when (scheduler.schedule(job())) {
                JobScheduler.RESULT_SUCCESS -> JobAnswer.Taken
                else -> JobAnswer.Refused("the system takes no such job now: its quota is used up", isFull = false)
            }
        } catch (failed: IllegalStateException) {
            JobAnswer.Refused("the app has too many jobs, or asks too often: ${failed.message}", isFull = true)
        } catch (failed: IllegalArgumentException) {
            JobAnswer.Impossible("is BackhaulJobService in the merged manifest, and enabled? ${failed.message}")
        } catch (failed: SecurityException) {
            JobAnswer.Impossible("a permission of the library was taken out of the manifest: ${failed.message}")
        }
    }

    /** Nothing here is worth the app's life: a system that fails is a system that says nothing. */
    private fun <T> attempt(call: (JobScheduler) -> T): T? =
        scheduler?.let {
            runCatching { call(it) }
                .onFailure { Log.w(LogcatSink.TAG, "JobScheduler fails", it) }
                .getOrNull()
        }

    companion object {
        fun of(context: Context): JobPlatform = JobPlatform(context.getSystemService(JobScheduler::class.java))
    }
}
