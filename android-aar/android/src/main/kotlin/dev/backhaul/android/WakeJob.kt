package dev.backhaul.android

import android.Manifest
import android.app.job.JobInfo
import android.content.ComponentName
import android.content.Context
import android.content.pm.PackageManager
import android.os.Build
import android.os.PersistableBundle
import dev.backhaul.WakeConstraints
import dev.backhaul.WakeRequest
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Instant

/** Android 15 refuses a job that has less time than this between its beginning and its deadline. */
private val NARROWEST_MS = 15.minutes.inWholeMilliseconds

private const val DUE = "due"

/**
 * The one job that wakes the app for all its tasks (rule P6). It is no prefetch job: such a one has no deadline from
 * Android 13 on, and there is none without.
 */
internal class WakeJob(
    private val context: Context,
    private val id: Int,
) {
    /**
     * Whether it may be asked for as expedited: it is due, and lacks nothing but run time and a network. What waits for
     * a charger or an unmetered network is in no hurry.
     */
    fun mayBeExpedited(
        wanted: Wanted,
        now: Long,
    ): Boolean =
        Build.VERSION.SDK_INT >= Build.VERSION_CODES.S &&
            wanted.at <= now &&
            with(wanted.request.constraints) { network && !isUnmetered && !isCharging }

    /** What to ask `JobScheduler` for, [now] by the clock since boot. */
    fun info(
        wanted: Wanted,
        now: Long,
        isExpedited: Boolean,
    ): JobInfo {
        val constraints = wanted.request.constraints
        val builder =
            jobBuilder(context, id)
                .setExtras(PersistableBundle().apply { putLong(DUE, wanted.request.due.toEpochMilliseconds()) })
        if (constraints.needsNetwork) builder.requireNetwork(constraints)
        if (isExpedited && Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
            return LaterApi.setExpedited(builder, true).build()
        }
        val latency = (wanted.at - now).coerceAtLeast(0)
        builder.setMinimumLatency(latency).setRequiresCharging(constraints.isCharging)
        val canBeForced = constraints.needsNetwork || constraints.isCharging
        if (wanted.latest != null && canBeForced) {
            builder.setOverrideDeadline((wanted.latest - now).coerceAtLeast(latency + NARROWEST_MS))
        }
        return builder.build()
    }

    companion object {
        /** When the job should have run at the latest, if it is one of ours. By the wall clock: it outlives a reboot. */
        fun dueOf(job: JobInfo): Instant? =
            job.extras
                .takeIf { it.containsKey(DUE) }
                ?.let { Instant.fromEpochMilliseconds(it.getLong(DUE)) }
    }
}

private val WakeRequest.due: Instant get() = latest ?: at

private val WakeConstraints.needsNetwork: Boolean get() = network || isUnmetered || isNotCellular

/** A job of ours, still there after a reboot unless the app has taken the permission for that out of its manifest. */
internal fun jobBuilder(
    context: Context,
    id: Int,
): JobInfo.Builder {
    val permission = context.checkSelfPermission(Manifest.permission.RECEIVE_BOOT_COMPLETED)
    return JobInfo
        .Builder(id, ComponentName(context, BackhaulJobService::class.java))
        .setPersisted(permission == PackageManager.PERMISSION_GRANTED)
}

internal fun JobInfo.Builder.requireNetwork(constraints: WakeConstraints): JobInfo.Builder {
    if (Build.VERSION.SDK_INT < Build.VERSION_CODES.P) {
        // It cannot be said that a mobile network will not do: mostly they are the metered ones.
        val isChoosy = constraints.isUnmetered || constraints.isNotCellular
        return setRequiredNetworkType(if (isChoosy) JobInfo.NETWORK_TYPE_UNMETERED else JobInfo.NETWORK_TYPE_ANY)
    }
    return LaterApi.requireNetwork(this, constraints)
}
