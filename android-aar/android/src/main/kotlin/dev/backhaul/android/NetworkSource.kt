package dev.backhaul.android

import android.content.Context
import android.net.ConnectivityManager
import android.os.Handler
import android.os.Looper
import android.util.Log
import dev.backhaul.Network
import dev.backhaul.SystemConditions

/**
 * The network that the app's transfers go through by default: its kind, its cost, and whether it waits for a sign-in.
 *
 * Android 11 takes some processes for the system's own ("Package android does not belong to …") and tells them nothing
 * of networks but that there is one and whether it is metered. There the broadcast of old has to do.
 */
internal class NetworkSource(
    context: Context,
) : ConditionsSource {
    private val manager = context.service<ConnectivityManager>()
    private var callback: DefaultNetwork? = null

    @Suppress("DEPRECATION")
    private val broadcasts =
        BroadcastSource(context, ConnectivityManager.CONNECTIVITY_ACTION) { known, _ -> look(known) }

    override fun look(known: SystemConditions): SystemConditions {
        // None also where the system keeps the app from it.
        val network = manager.activeNetwork
        return try {
            val capabilities = network?.let(manager::getNetworkCapabilities) ?: callback?.keptBackByDataSaver
            if (capabilities == null) known.offline() else known.on(capabilities)
        } catch (_: SecurityException) {
            known.guessed()
        }
    }

    override fun start(tell: (Change) -> Unit) {
        if (callback != null) return
        val registered = DefaultNetwork(manager, tell)
        try {
            manager.registerDefaultNetworkCallback(registered, Handler(Looper.getMainLooper()))
            callback = registered
        } catch (refused: SecurityException) {
            Log.w(LogcatSink.TAG, "the system does not tell of networks, only that there is one", refused)
            broadcasts.start(tell)
        }
    }

    override fun stop() {
        callback?.let(manager::unregisterNetworkCallback)
        callback = null
        broadcasts.stop()
    }

    /** What costs money is taken for a mobile network. */
    private fun SystemConditions.guessed(): SystemConditions {
        val isMetered = manager.isActiveNetworkMetered
        return offline().copy(network = if (isMetered) Network.CELLULAR else Network.WIFI, isExpensive = isMetered)
    }
}
