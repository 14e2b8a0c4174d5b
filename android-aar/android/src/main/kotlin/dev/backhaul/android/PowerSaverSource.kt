package dev.backhaul.android

import android.content.Context
import android.os.PowerManager

/** The battery saver. */
internal fun powerSaverSource(context: Context): ConditionsSource {
    val manager = context.service<PowerManager>()
    return BroadcastSource(context, PowerManager.ACTION_POWER_SAVE_MODE_CHANGED) { known, _ ->
        known.copy(isLowPower = manager.isPowerSaveMode)
    }
}
