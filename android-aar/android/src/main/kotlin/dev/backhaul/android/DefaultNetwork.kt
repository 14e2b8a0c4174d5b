package dev.backhaul.android

import android.net.ConnectivityManager
import android.net.Network
import android.net.NetworkCapabilities
import android.os.Build

/**
 * Hears of the default network. Of a new one the system tells in parts: that it is there, what it can do, from API 29
 * on whether this app is kept from it (Doze, standby, Data Saver). Nothing is told before all of it is known.
 */
internal class DefaultNetwork(
    private val manager: ConnectivityManager,
    private val tell: (Change) -> Unit,
) : ConnectivityManager.NetworkCallback() {
    private var network: Network? = null
    private var capabilities: NetworkCapabilities? = null
    private var isBlocked: Boolean? = null

    override fun onAvailable(network: Network) {
        this.network = network
        capabilities = null
        isBlocked = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) null else false
    }

    override fun onCapabilitiesChanged(
        network: Network,
        networkCapabilities: NetworkCapabilities,
    ) {
        capabilities = networkCapabilities
        speak()
    }

    override fun onBlockedStatusChanged(
        network: Network,
        blocked: Boolean,
    ) {
        isBlocked = blocked
        speak()
    }

    /** Another one that takes its place is available before; then this says nothing new. */
    override fun onLost(network: Network) {
        if (network != this.network) return
        this.network = null
        capabilities = null
        tell { it.offline() }
    }

    private fun speak() {
        val capabilities = capabilities ?: return
        val isBlocked = isBlocked ?: return
        tell { if (isBlocked && keptBackByDataSaver == null) it.offline() else it.on(capabilities) }
    }

    /**
     * The network, where Data Saver alone keeps the app from it. What it keeps back waits for that, and says so: there
     * is a network. Nothing else that the system says tells it apart.
     */
    val keptBackByDataSaver: NetworkCapabilities?
        get() = capabilities?.takeIf { isBlocked == true && it.costsMoney && manager.isDataSaverOn }
}
