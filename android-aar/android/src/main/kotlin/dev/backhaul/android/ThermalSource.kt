package dev.backhaul.android

import android.content.Context
import android.os.Build
import android.os.PowerManager
import dev.backhaul.SystemConditions
import dev.backhaul.ThermalState

/** How warm the device is; before API 29 nothing says so. */
internal fun thermalSourceOrNull(context: Context): ConditionsSource? =
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) ThermalSource(context.service()) else null

@AboveMinimum
private class ThermalSource(
    private val manager: PowerManager,
) : ConditionsSource {
    private var listener: PowerManager.OnThermalStatusChangedListener? = null

    override fun look(known: SystemConditions) = known.with(manager.currentThermalStatus)

    override fun start(tell: (Change) -> Unit) {
        if (listener != null) return
        // Called on the main thread, and once for what is now.
        val registered = PowerManager.OnThermalStatusChangedListener { status -> tell { it.with(status) } }
        manager.addThermalStatusListener(registered)
        listener = registered
    }

    override fun stop() {
        listener?.let(manager::removeThermalStatusListener)
        listener = null
    }

    private fun SystemConditions.with(status: Int) = copy(thermal = thermalStateOf(status))
}

private fun thermalStateOf(status: Int): ThermalState =
    when (status) {
        PowerManager.THERMAL_STATUS_NONE -> ThermalState.NOMINAL

        // Throttled so lightly that nobody notices.
        PowerManager.THERMAL_STATUS_LIGHT -> ThermalState.FAIR

        PowerManager.THERMAL_STATUS_MODERATE, PowerManager.THERMAL_STATUS_SEVERE -> ThermalState.SERIOUS

        // Nothing else helped the device, or it is about to switch itself off.
        else -> ThermalState.CRITICAL
    }
