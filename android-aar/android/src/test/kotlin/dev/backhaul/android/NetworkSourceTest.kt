package dev.backhaul.android

import android.net.ConnectivityManager.RESTRICT_BACKGROUND_STATUS_ENABLED
import android.net.NetworkCapabilities
import android.net.NetworkCapabilities.NET_CAPABILITY_CAPTIVE_PORTAL
import android.net.NetworkCapabilities.NET_CAPABILITY_NOT_BANDWIDTH_CONSTRAINED
import android.net.NetworkCapabilities.NET_CAPABILITY_NOT_METERED
import android.net.NetworkCapabilities.NET_CAPABILITY_TEMPORARILY_NOT_METERED
import android.net.NetworkCapabilities.NET_CAPABILITY_VALIDATED
import android.net.NetworkCapabilities.TRANSPORT_BLUETOOTH
import android.net.NetworkCapabilities.TRANSPORT_CELLULAR
import android.net.NetworkCapabilities.TRANSPORT_ETHERNET
import android.net.NetworkCapabilities.TRANSPORT_SATELLITE
import android.net.NetworkCapabilities.TRANSPORT_VPN
import android.net.NetworkCapabilities.TRANSPORT_WIFI
import android.os.Build
import dev.backhaul.Network
import dev.backhaul.SystemConditions
import dev.backhaul.android.SimulatedDevice.Companion.CELLULAR
import dev.backhaul.android.SimulatedDevice.Companion.WIFI
import dev.backhaul.android.SimulatedDevice.Companion.capabilities
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import kotlin.test.AfterTest
import kotlin.test.BeforeTest
import kotlin.test.Test
import kotlin.test.assertEquals

@RunWith(RobolectricTestRunner::class)
class NetworkSourceTest {
    private val device = SimulatedDevice()
    private lateinit var onWifi: SystemConditions
    private val offline get() = onWifi.copy(network = Network.NONE)
    private val onCellular get() = onWifi.copy(network = Network.CELLULAR, isExpensive = true)

    @BeforeTest
    fun start() {
        device.beginOn(WIFI)
        device.monitor.start()
        onWifi = device.monitor.current
        assertEquals(Network.WIFI, onWifi.network)
        assertEquals(false, onWifi.isExpensive)
    }

    @AfterTest
    fun stop() = device.close()

    // rule P2
    @Test
    fun `a network that takes the place of another is told once, when all of it is known`() {
        device.assertNoPush { device.switchTo(WIFI) }
        device.assertOnePush(onCellular) { device.switchTo(CELLULAR) }
        lateinit var wifi: android.net.Network
        device.assertOnePush(onWifi) { wifi = device.switchTo(WIFI) }
        device.assertNoPush { device.change(wifi, WIFI) }
        device.assertOnePush(offline) { device.lose(wifi) }
        device.assertOnePush(onWifi) { device.switchTo(WIFI) }
    }

    // rule P2
    @Test
    fun `a network that was replaced is lost unheard`() {
        val first = device.switchTo(WIFI)
        device.switchTo(CELLULAR)
        device.assertNoPush { device.lose(first) }
    }

    // rule P2
    @Test
    fun `no network when the process starts`() {
        device.monitor.stop()
        device.beginOn(null)
        device.assertOnePush(offline) { device.monitor.start() }
    }

    // rule P2
    @Test
    fun `what a network costs`() {
        val metered = capabilities(TRANSPORT_WIFI, NET_CAPABILITY_VALIDATED)
        device.assertOnePush(onWifi.copy(isExpensive = true)) { device.switchTo(metered) }
        val free = capabilities(TRANSPORT_CELLULAR, NET_CAPABILITY_VALIDATED, NET_CAPABILITY_TEMPORARILY_NOT_METERED)
        device.assertOnePush(onCellular.copy(isExpensive = false)) { device.switchTo(free) }
    }

    // rule P2
    @Test
    fun `a sign-in page holds transfers back until somebody has signed in`() {
        val portal = capabilities(TRANSPORT_WIFI, NET_CAPABILITY_NOT_METERED, NET_CAPABILITY_CAPTIVE_PORTAL)
        lateinit var network: android.net.Network
        device.assertOnePush(onWifi.copy(isCaptive = true)) { network = device.switchTo(portal) }
        device.assertOnePush(onWifi) { device.change(network, WIFI) }
        // One that leads to no internet may be meant all the same.
        val lonely = capabilities(TRANSPORT_WIFI, NET_CAPABILITY_NOT_METERED)
        device.assertNoPush { device.switchTo(lonely) }
    }

    // rule P2
    @Test
    fun `a VPN is what it runs over`() {
        val free = NET_CAPABILITY_NOT_METERED
        val kinds =
            listOf<Pair<NetworkCapabilities, SystemConditions>>(
                capabilities(listOf(TRANSPORT_VPN, TRANSPORT_CELLULAR)) to onCellular,
                capabilities(listOf(TRANSPORT_VPN, TRANSPORT_WIFI), free) to onWifi,
                capabilities(listOf(TRANSPORT_VPN, TRANSPORT_WIFI, TRANSPORT_CELLULAR)) to onCellular,
                capabilities(listOf(TRANSPORT_VPN), free) to onWifi,
                capabilities(listOf(TRANSPORT_VPN)) to onCellular,
                capabilities(listOf(TRANSPORT_VPN, TRANSPORT_ETHERNET), free) to onWifi.copy(network = Network.WIRED),
            )
        for ((network, expected) in kinds) {
            device.switchTo(network)
            assertEquals(expected, device.monitor.current, "$network")
        }
    }

    // rule P2
    @Test
    fun `other kinds of network`() {
        val free = NET_CAPABILITY_NOT_METERED
        device.assertOnePush(onWifi.copy(network = Network.WIRED)) {
            device.switchTo(capabilities(TRANSPORT_ETHERNET, free))
        }
        // A watch beside its phone.
        device.assertOnePush(onWifi) { device.switchTo(capabilities(TRANSPORT_BLUETOOTH, free)) }
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.VANILLA_ICE_CREAM) return
        val satellite = capabilities(TRANSPORT_SATELLITE)
        device.assertOnePush(onCellular) { device.switchTo(satellite) }
        shadowOf(satellite).removeCapability(NET_CAPABILITY_NOT_BANDWIDTH_CONSTRAINED)
        device.assertOnePush(onCellular.copy(isConstrained = true)) { device.switchTo(satellite) }
    }

    // rule P2
    @Test
    fun `a network that the system keeps the app from is none`() {
        lateinit var network: android.net.Network
        device.assertOnePush(offline) { network = device.switchTo(CELLULAR, isBlocked = true) }
        device.assertOnePush(onCellular) { device.block(network, false) }
        device.assertOnePush(offline) { device.block(network, true) }
    }

    // rule P1
    @Test
    fun `what Data Saver keeps back waits for it, not for a network`() {
        shadowOf(device.connectivity).setRestrictBackgroundStatus(RESTRICT_BACKGROUND_STATUS_ENABLED)
        device.assertOnePush(onWifi.copy(isDataSaver = true)) { device.monitor.lookAgain() }
        device.assertOnePush(onCellular.copy(isDataSaver = true)) { device.switchTo(CELLULAR, isBlocked = true) }
        // The system does not show it; a wake sees no less than before.
        device.beginOn(null)
        device.assertNoPush { device.monitor.lookAgain() }
        device.assertOnePush(offline.copy(isDataSaver = true)) { device.switchTo(WIFI, isBlocked = true) }
        device.assertNoPush { device.monitor.lookAgain() }
    }
}
