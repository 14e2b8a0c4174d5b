package dev.backhaul.android

import android.app.Activity
import android.content.Intent
import android.net.ConnectivityManager.ACTION_RESTRICT_BACKGROUND_CHANGED
import android.net.ConnectivityManager.RESTRICT_BACKGROUND_STATUS_ENABLED
import android.os.BatteryManager.BATTERY_PLUGGED_AC
import android.os.PowerManager
import android.os.UserManager
import dev.backhaul.AppState
import dev.backhaul.Network
import dev.backhaul.SystemConditions
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import kotlin.test.AfterTest
import kotlin.test.Test
import kotlin.test.assertEquals

/** The first Android that apps may run on: what it does not say is ideal, and nothing of it is called. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26])
class OldestAndroidTest {
    private val device = SimulatedDevice()
    private val application = device.application

    @AfterTest
    fun stop() = device.close()

    // rule P2
    @Test
    @Suppress("DEPRECATION")
    fun `what the first Android says is heard, once each`() {
        val power: PowerManager = application.service()
        val users = shadowOf(application.service<UserManager>())
        users.setUserUnlocked(false)
        device.battery(100)
        device.beginOn(SimulatedDevice.WIFI)
        var expected =
            SystemConditions(
                isCharging = false,
                batteryPercent = 50,
                appState = AppState.BACKGROUND,
                isProtectedDataAvailable = false,
            )
        device.assertNoPush { device.monitor.start() }
        assertEquals(expected, device.monitor.current)

        fun assertNext(
            change: SystemConditions.() -> SystemConditions,
            cause: () -> Unit,
        ) {
            expected = expected.change()
            device.assertOnePush(expected, cause)
        }
        assertNext({ copy(isProtectedDataAvailable = true) }) {
            users.setUserUnlocked(true)
            device.broadcast(Intent.ACTION_USER_UNLOCKED)
        }
        assertNext({ copy(isCharging = true) }) { device.battery(100, BATTERY_PLUGGED_AC) }
        assertNext({ copy(isLowPower = true) }) {
            shadowOf(power).setIsPowerSaveMode(true)
            device.broadcast(PowerManager.ACTION_POWER_SAVE_MODE_CHANGED)
        }
        assertNext({ copy(isStorageLow = true) }) { device.stickyBroadcast(Intent(Intent.ACTION_DEVICE_STORAGE_LOW)) }
        assertNext({ copy(isDataSaver = true) }) {
            shadowOf(device.connectivity).setRestrictBackgroundStatus(RESTRICT_BACKGROUND_STATUS_ENABLED)
            device.broadcast(ACTION_RESTRICT_BACKGROUND_CHANGED)
        }
        assertNext({ copy(appState = AppState.ACTIVE) }) { Robolectric.buildActivity(Activity::class.java).setup() }
        assertNext({ copy(network = Network.CELLULAR, isExpensive = true) }) {
            device.switchTo(SimulatedDevice.CELLULAR)
        }
    }

    // rule P2
    @Test
    fun `after a stop nothing is registered`() {
        val before = shadowOf(application).registeredReceivers.size
        device.monitor.start()
        assertEquals(before + 5, shadowOf(application).registeredReceivers.size)
        device.monitor.stop()
        assertEquals(before, shadowOf(application).registeredReceivers.size)
        assertEquals(0, shadowOf(device.connectivity).networkCallbacks.size)
    }
}
