package dev.backhaul.android

import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import android.net.NetworkInfo
import android.os.Handler
import dev.backhaul.Network
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowConnectivityManager
import org.robolectric.shadows.ShadowNetworkInfo
import kotlin.test.AfterTest
import kotlin.test.Test
import kotlin.test.assertEquals
import android.net.Network as AndroidNetwork

/** Android 11 in one of its processes that it mistakes. */
@RunWith(RobolectricTestRunner::class)
@Config(shadows = [NetworkRefusedTest.Mistaken::class])
class NetworkRefusedTest {
    @Implements(ConnectivityManager::class)
    class Mistaken : ShadowConnectivityManager() {
        @Implementation
        override fun registerDefaultNetworkCallback(
            networkCallback: ConnectivityManager.NetworkCallback,
            handler: Handler,
        ): Unit = refuse()

        @Implementation
        override fun getNetworkCapabilities(network: AndroidNetwork?): NetworkCapabilities = refuse()

        private fun refuse(): Nothing = throw SecurityException("Package android does not belong to 10123")
    }

    private val device = SimulatedDevice()

    @AfterTest
    fun stop() = device.close()

    @Suppress("DEPRECATION")
    private fun connect(type: Int?) {
        val info =
            type?.let {
                ShadowNetworkInfo.newInstance(
                    NetworkInfo.DetailedState.CONNECTED,
                    it,
                    0,
                    true,
                    NetworkInfo.State.CONNECTED,
                )
            }
        shadowOf(device.connectivity).setDefaultNetworkActive(true)
        shadowOf(device.connectivity).setActiveNetworkInfo(info)
        device.broadcast(ConnectivityManager.CONNECTIVITY_ACTION)
    }

    // rules C2, P2
    @Test
    @Suppress("DEPRECATION")
    fun `a process that the system tells nothing of networks starts, and hears of them in the broadcast of old`() {
        connect(ConnectivityManager.TYPE_WIFI)
        device.assertNoPush { device.monitor.start() }
        val wifi = device.monitor.current
        assertEquals(Network.WIFI, wifi.network)
        val cellular = wifi.copy(network = Network.CELLULAR, isExpensive = true)
        device.assertOnePush(cellular) { connect(ConnectivityManager.TYPE_MOBILE) }
        device.assertOnePush(wifi.copy(network = Network.NONE)) { connect(null) }
        device.assertOnePush(wifi) { connect(ConnectivityManager.TYPE_WIFI) }

        val registered = shadowOf(device.application).registeredReceivers.size
        device.monitor.stop()
        assertEquals(registered - 6, shadowOf(device.application).registeredReceivers.size)
        device.assertNoPush { connect(ConnectivityManager.TYPE_MOBILE) }
    }
}
