package dev.backhaul.android

import android.content.Context
import android.content.Intent
import android.os.BatteryManager
import dev.backhaul.SystemConditions

/**
 * The charger, and what the battery holds. The system sends this broadcast at once when a charger comes or goes, before
 * anything that could be asked agrees with it.
 */
internal fun batterySource(context: Context): ConditionsSource =
    BroadcastSource(context, Intent.ACTION_BATTERY_CHANGED) { known, battery ->
        if (battery == null) known else known.with(battery)
    }

private fun SystemConditions.with(battery: Intent): SystemConditions {
    // A device without a battery hangs on a wire.
    if (!battery.getBooleanExtra(
            BatteryManager.EXTRA_PRESENT,
            true,
        )
    ) {
        return copy(isCharging = true, batteryPercent = null)
    }
    val level = battery.getIntExtra(BatteryManager.EXTRA_LEVEL, -1)
    val scale = battery.getIntExtra(BatteryManager.EXTRA_SCALE, -1)
    return copy(
        isCharging = battery.getIntExtra(BatteryManager.EXTRA_PLUGGED, 0) != 0,
        batteryPercent = if (level < 0 || scale <= 0) null else (level * 100L / scale).coerceAtMost(100).toInt(),
    )
}
