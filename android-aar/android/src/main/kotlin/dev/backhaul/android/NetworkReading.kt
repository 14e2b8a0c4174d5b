package dev.backhaul.android

import android.net.NetworkCapabilities
import dev.backhaul.Network
import dev.backhaul.SystemConditions

// What the capabilities of a network come to.

internal fun SystemConditions.offline() =
    copy(network = Network.NONE, isExpensive = false, isConstrained = false, isCaptive = false)

internal fun SystemConditions.on(capabilities: NetworkCapabilities) =
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
internal val NetworkCapabilities.costsMoney: Boolean
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
