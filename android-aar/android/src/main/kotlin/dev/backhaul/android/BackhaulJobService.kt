package dev.backhaul.android

import android.app.job.JobParameters
import android.app.job.JobService

/**
 * Takes the wakes of `JobScheduler` (rule S5). In the library's manifest already: an app has nothing to do with it.
 *
 * A job works until everything is delivered, its time is over, or the system stops it.
 */
public class BackhaulJobService : JobService() {
    override fun onStartJob(params: JobParameters): Boolean =
        Backhaul.startForJob(this)?.runs?.begin(this, params) ?: false

    override fun onStopJob(params: JobParameters): Boolean = Backhaul.runningOrNull()?.runs?.stop(params) ?: false

    /** The sessions hear of networks in other ways. */
    override fun onNetworkChanged(params: JobParameters): Unit = Unit
}
