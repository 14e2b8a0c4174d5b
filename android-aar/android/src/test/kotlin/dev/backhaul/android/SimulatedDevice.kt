package dev.backhaul.android

import android.app.Application
import android.content.Intent
import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import android.net.NetworkCapabilities.NET_CAPABILITY_NOT_METERED
import android.net.NetworkCapabilities.NET_CAPABILITY_VALIDATED
import android.net.NetworkCapabilities.TRANSPORT_CELLULAR
import android.net.NetworkCapabilities.TRANSPORT_WIFI
import android.os.BatteryManager
import android.os.Build
import android.os.Looper
import dev.backhaul.SystemConditions
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowNetwork
import org.robolectric.shadows.ShadowNetworkCapabilities
import kotlin.test.assertEquals
import android.net.Network as AndroidNetwork

/** Robolectric's device, changed as Android changes: with the broadcasts and the order of calls that belong to it. */
class SimulatedDevice : AutoCloseable {
    val application: Application = RuntimeEnvironment.getApplication()
    val connectivity: ConnectivityManager = application.service()

    /** What was pushed, in order. */
    val pushes = mutableListOf<SystemConditions>()

    internal val monitor by lazy { ConditionsMonitor(application, pushes::add) }

    private val shadowConnectivity = shadowOf(connectivity)

    /** What the change leads to is pushed once, and nothing else is. */
    fun assertOnePush(
        expected: SystemConditions,
        change: () -> Unit,
    ) {
        val before = pushes.size
        change()
        idle()
        assertEquals(listOf(expected), pushes.drop(before))
        assertEquals(expected, monitor.current)
    }

    fun assertNoPush(change: () -> Unit) {
        val before = pushes.size
        change()
        idle()
        assertEquals(emptyList(), pushes.drop(before))
    }

    fun idle() = shadowOf(Looper.getMainLooper()).idle()

    fun broadcast(action: String) = application.sendBroadcast(Intent(action))

    @Suppress("DEPRECATION") // Only the system may send one.
    fun stickyBroadcast(intent: Intent) = application.sendStickyBroadcast(intent)

    fun battery(
        level: Int,
        plugged: Int = 0,
        isPresent: Boolean = true,
    ) = stickyBroadcast(
        Intent(Intent.ACTION_BATTERY_CHANGED)
            .putExtra(BatteryManager.EXTRA_PRESENT, isPresent)
            .putExtra(BatteryManager.EXTRA_LEVEL, level)
            .putExtra(BatteryManager.EXTRA_SCALE, 200)
            .putExtra(BatteryManager.EXTRA_PLUGGED, plugged),
    )

    /** The network that is there for those who ask; nobody is told. */
    fun beginOn(capabilities: NetworkCapabilities?) {
        shadowConnectivity.setNetworkCapabilities(checkNotNull(connectivity.activeNetwork), capabilities)
    }

    /** Another network becomes the default one. */
    fun switchTo(
        capabilities: NetworkCapabilities,
        isBlocked: Boolean = false,
    ): AndroidNetwork {
        val network = ShadowNetwork.newInstance(++networks)
        callbacks { onAvailable(network) }
        callbacks { onCapabilitiesChanged(network, capabilities) }
        block(network, isBlocked)
        return network
    }

    fun change(
        network: AndroidNetwork,
        capabilities: NetworkCapabilities,
    ) = callbacks { onCapabilitiesChanged(network, capabilities) }

    fun block(
        network: AndroidNetwork,
        isBlocked: Boolean,
    ) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) callbacks { onBlockedStatusChanged(network, isBlocked) }
    }

    fun lose(network: AndroidNetwork) = callbacks { onLost(network) }

    private fun callbacks(call: ConnectivityManager.NetworkCallback.() -> Unit) =
        shadowConnectivity.networkCallbacks.forEach(call)

    override fun close() = monitor.stop()

    companion object {
        private var networks = 1000

        val WIFI = capabilities(TRANSPORT_WIFI, NET_CAPABILITY_NOT_METERED, NET_CAPABILITY_VALIDATED)
        val CELLULAR = capabilities(TRANSPORT_CELLULAR, NET_CAPABILITY_VALIDATED)

        fun capabilities(
            transport: Int,
            vararg capabilities: Int,
        ): NetworkCapabilities = capabilities(listOf(transport), *capabilities)

        fun capabilities(
            transports: List<Int>,
            vararg capabilities: Int,
        ): NetworkCapabilities {
            val made = ShadowNetworkCapabilities.newInstance()
            for (transport in transports) shadowOf(made).addTransportType(transport)
            for (capability in capabilities) shadowOf(made).addCapability(capability)
            return made
        }
    }
}
