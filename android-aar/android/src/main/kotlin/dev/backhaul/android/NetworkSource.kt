package dev.backhaul.android

import android.content.Context
import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import android.os.Build
import android.os.Handler
import android.os.Looper
import dev.backhaul.Network
import dev.backhaul.SystemConditions
import android.net.Network as AndroidNetwork

/** The network that the app's transfers go through by default: its kind, its cost, and whether it waits for a sign-in. */
internal class NetworkSource(
    context: Context,
) : ConditionsSource {
    private val manager = context.service<ConnectivityManager>()
    private var callback: DefaultNetwork? = null

    override fun look(known: SystemConditions): SystemConditions {
        val capabilities = manager.activeNetwork?.let(manager::getNetworkCapabilities)
        return if (capabilities == null) known.offline() else known.on(capabilities)
    }

    override fun start(tell: (Change) -> Unit) {
        if (callback != null) return
        val registered = DefaultNetwork(manager, tell)
        manager.registerDefaultNetworkCallback(registered, Handler(Looper.getMainLooper()))
        callback = registered
    }

    override fun stop() {
        callback?.let(manager::unregisterNetworkCallback)
        callback = null
    }
}

/**
 * Hears of the default network. Of a new one the system tells in parts: that it is there, what it can do, from API 29
 * on whether this app is kept from it (Doze, standby, Data Saver). Nothing is told before all of it is known.
 */
private class DefaultNetwork(
    private val manager: ConnectivityManager,
    private val tell: (Change) -> Unit,
) : ConnectivityManager.NetworkCallback() {
    private var network: AndroidNetwork? = null
    private var capabilities: NetworkCapabilities? = null
    private var isBlocked: Boolean? = null

    override fun onAvailable(network: AndroidNetwork) {
        this.network = network
        capabilities = null
        isBlocked = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) null else false
    }

    override fun onCapabilitiesChanged(
        network: AndroidNetwork,
        networkCapabilities: NetworkCapabilities,
    ) {
        capabilities = networkCapabilities
        speak()
    }

    override fun onBlockedStatusChanged(
        network: AndroidNetwork,
        blocked: Boolean,
    ) {
        isBlocked = blocked
        speak()
    }

    /** Another one that takes its place is available before; then this says nothing new. */
    override fun onLost(network: AndroidNetwork) {
        if (network != this.network) return
        this.network = null
        capabilities = null
        tell { it.offline() }
    }

    private fun speak() {
        val capabilities = capabilities ?: return
        val isBlocked = isBlocked ?: return
        // What Data Saver keeps back waits for it, and says so: there is a network.
        if (isBlocked && !(capabilities.costsMoney && manager.isDataSaverOn)) {
            tell { it.offline() }
        } else {
            tell { it.on(capabilities) }
        }
    }
}

private fun SystemConditions.offline() =
    copy(network = Network.NONE, isExpensive = false, isConstrained = false, isCaptive = false)

private fun SystemConditions.on(capabilities: NetworkCapabilities) =
    copy(
        network = capabilities.network,
        isExpensive = capabilities.costsMoney,
        isConstrained = capabilities.isSlowSatellite,
        isCaptive = capabilities.waitsForSignIn,
    )

/** A VPN has the transports of what it runs over. */
private val NetworkCapabilities.network: Network
    get() =
        when {
            hasTransport(NetworkCapabilities.TRANSPORT_CELLULAR) -> Network.CELLULAR

            hasTransport(NetworkCapabilities.TRANSPORT_SATELLITE) -> Network.CELLULAR

            hasTransport(NetworkCapabilities.TRANSPORT_WIFI) -> Network.WIFI

            hasTransport(NetworkCapabilities.TRANSPORT_ETHERNET) -> Network.WIRED

            hasTransport(NetworkCapabilities.TRANSPORT_USB) -> Network.WIRED

            // One that hides what it runs over: what costs money is taken for a mobile network.
            hasTransport(NetworkCapabilities.TRANSPORT_VPN) && costsMoney -> Network.CELLULAR

            // Such as a watch's Bluetooth to its phone.
            else -> Network.WIFI
        }

/** Not by the name that Android has for it: that one is hidden, and a member is called before an extension. */
private val NetworkCapabilities.costsMoney: Boolean
    get() =
        !hasCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED) &&
            !hasCapability(NetworkCapabilities.NET_CAPABILITY_TEMPORARILY_NOT_METERED)

/**
 * Only what is known to be a sign-in page. A network that the system could not validate may lead nowhere, but also to a
 * device without internet behind it, or past a firewall that hides the system's own servers: it is tried.
 */
private val NetworkCapabilities.waitsForSignIn: Boolean
    get() =
        hasCapability(NetworkCapabilities.NET_CAPABILITY_CAPTIVE_PORTAL) &&
            !hasCapability(NetworkCapabilities.NET_CAPABILITY_VALIDATED)

private val NetworkCapabilities.isSlowSatellite: Boolean
    get() =
        hasTransport(NetworkCapabilities.TRANSPORT_SATELLITE) &&
            !hasCapability(NetworkCapabilities.NET_CAPABILITY_NOT_BANDWIDTH_CONSTRAINED)
