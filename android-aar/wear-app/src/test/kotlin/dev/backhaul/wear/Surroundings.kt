package dev.backhaul.wear

import android.content.Context
import android.content.Intent
import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import android.os.BatteryManager
import android.os.PowerManager
import dev.backhaul.android.testkit.MainLooper
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowNetworkCapabilities

/** It is on unmetered Wi-Fi when a process begins. */
internal fun Watch.joinWifi() {
    val wifi = ShadowNetworkCapabilities.newInstance()
    shadowOf(wifi).addTransportType(NetworkCapabilities.TRANSPORT_WIFI)
    shadowOf(wifi).addCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED)
    shadowOf(wifi).addCapability(NetworkCapabilities.NET_CAPABILITY_VALIDATED)
    val manager = checkNotNull(app.getSystemService(ConnectivityManager::class.java))
    shadowOf(manager).setDefaultNetworkActive(true)
    shadowOf(manager).setNetworkCapabilities(checkNotNull(manager.activeNetwork), wifi)
}

/** On the charger, or off it. */
@Suppress("DEPRECATION") // Only the system may send one.
fun Watch.charge(isCharging: Boolean) {
    app.sendStickyBroadcast(
        Intent(Intent.ACTION_BATTERY_CHANGED)
            .putExtra(BatteryManager.EXTRA_PRESENT, true)
            .putExtra(BatteryManager.EXTRA_LEVEL, 50)
            .putExtra(BatteryManager.EXTRA_SCALE, 100)
            .putExtra(BatteryManager.EXTRA_PLUGGED, if (isCharging) BatteryManager.BATTERY_PLUGGED_WIRELESS else 0),
    )
    MainLooper.idle()
}

fun Watch.saveBattery(isSaving: Boolean) {
    shadowOf(app.getSystemService(Context.POWER_SERVICE) as PowerManager).setIsPowerSaveMode(isSaving)
    app.sendBroadcast(Intent(PowerManager.ACTION_POWER_SAVE_MODE_CHANGED))
    MainLooper.idle()
}
