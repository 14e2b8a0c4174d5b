package dev.backhaul.android

import android.app.usage.UsageStatsManager
import android.content.Context
import android.os.Build
import dev.backhaul.StandbyBucket
import dev.backhaul.SystemConditions

/**
 * The app's standby bucket; before API 28 there are none. No notification tells of it: [ConditionsMonitor] looks
 * whenever something else has changed, and at each wake.
 */
internal fun standbySourceOrNull(context: Context): ConditionsSource? =
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) StandbySource(context.service()) else null

@AboveMinimum
private class StandbySource(
    private val manager: UsageStatsManager,
) : ConditionsSource {
    override fun look(known: SystemConditions) = known.copy(standbyBucket = standbyBucketOf(manager.appStandbyBucket))

    override fun start(tell: (Change) -> Unit) = Unit

    override fun stop() = Unit
}

/** Buckets that the system keeps to itself lie between and beyond the public ones. */
private fun standbyBucketOf(bucket: Int): StandbyBucket =
    when {
        bucket <= UsageStatsManager.STANDBY_BUCKET_ACTIVE -> StandbyBucket.ACTIVE
        bucket <= UsageStatsManager.STANDBY_BUCKET_WORKING_SET -> StandbyBucket.WORKING_SET
        bucket <= UsageStatsManager.STANDBY_BUCKET_FREQUENT -> StandbyBucket.FREQUENT
        bucket <= UsageStatsManager.STANDBY_BUCKET_RARE -> StandbyBucket.RARE
        else -> StandbyBucket.RESTRICTED
    }
