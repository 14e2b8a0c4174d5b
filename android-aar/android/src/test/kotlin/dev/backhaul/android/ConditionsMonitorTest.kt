package dev.backhaul.android

import android.app.usage.UsageStatsManager
import android.content.Context
import android.content.Intent
import android.net.ConnectivityManager.ACTION_RESTRICT_BACKGROUND_CHANGED
import android.net.ConnectivityManager.RESTRICT_BACKGROUND_STATUS_DISABLED
import android.net.ConnectivityManager.RESTRICT_BACKGROUND_STATUS_ENABLED
import android.net.ConnectivityManager.RESTRICT_BACKGROUND_STATUS_WHITELISTED
import android.os.BatteryManager.BATTERY_PLUGGED_USB
import android.os.PowerManager
import android.os.UserManager
import dev.backhaul.AppState
import dev.backhaul.Network
import dev.backhaul.StandbyBucket
import dev.backhaul.SystemConditions
import dev.backhaul.ThermalState
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import java.util.concurrent.FutureTask
import kotlin.concurrent.thread
import kotlin.test.AfterTest
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

@RunWith(RobolectricTestRunner::class)
class ConditionsMonitorTest {
    private val device = SimulatedDevice()
    private val application = device.application
    private val power: PowerManager = application.service()
    private val users: UserManager = application.service()
    private val usage: UsageStatsManager = application.service()

    /** On a wire and on Wi-Fi, behind other apps. */
    private val ordinary = SystemConditions(batteryPercent = 50, appState = AppState.BACKGROUND)

    @AfterTest
    fun stop() = device.close()

    private fun start() {
        device.battery(100, BATTERY_PLUGGED_USB)
        device.beginOn(SimulatedDevice.WIFI)
        device.assertNoPush { device.monitor.start() }
        assertEquals(ordinary, device.monitor.current)
    }

    // rule P2
    @Test
    fun `it knows what the device is like when it is made, and says nothing until that changes`() {
        device.battery(40)
        device.beginOn(SimulatedDevice.CELLULAR)
        shadowOf(power).setIsPowerSaveMode(true)
        shadowOf(power).setCurrentThermalStatus(PowerManager.THERMAL_STATUS_SEVERE)
        shadowOf(users).setUserUnlocked(false)
        shadowOf(usage).setCurrentAppStandbyBucket(UsageStatsManager.STANDBY_BUCKET_RARE)
        shadowOf(device.connectivity).setRestrictBackgroundStatus(RESTRICT_BACKGROUND_STATUS_ENABLED)
        device.stickyBroadcast(Intent(@Suppress("DEPRECATION") Intent.ACTION_DEVICE_STORAGE_LOW))
        val expected =
            SystemConditions(
                network = Network.CELLULAR,
                isExpensive = true,
                isCharging = false,
                batteryPercent = 20,
                isLowPower = true,
                thermal = ThermalState.SERIOUS,
                isStorageLow = true,
                appState = AppState.BACKGROUND,
                isDataSaver = true,
                standbyBucket = StandbyBucket.RARE,
                isProtectedDataAvailable = false,
            )
        assertEquals(expected, device.monitor.current)
        device.assertNoPush { device.monitor.start() }
        device.assertNoPush { device.monitor.start() }
    }

    // rule P2
    @Test
    fun `what changed before the start is said at the start`() {
        device.battery(100, BATTERY_PLUGGED_USB)
        device.beginOn(SimulatedDevice.WIFI)
        assertEquals(ordinary, device.monitor.current)
        device.battery(100)
        device.assertOnePush(ordinary.copy(isCharging = false)) { device.monitor.start() }
    }

    // rule P2
    @Test
    fun `a charger that comes or goes, and the battery's level`() {
        start()
        device.assertOnePush(ordinary.copy(isCharging = false)) { device.battery(100) }
        device.assertNoPush { device.battery(100) }
        device.assertOnePush(ordinary.copy(isCharging = false, batteryPercent = 49)) { device.battery(99) }
        device.assertOnePush(ordinary.copy(batteryPercent = 49)) { device.battery(99, BATTERY_PLUGGED_USB) }
        val mains = ordinary.copy(batteryPercent = null)
        device.assertOnePush(mains) { device.battery(0, isPresent = false) }
    }

    // rule P2
    @Test
    fun `the battery saver`() {
        start()
        for (isOn in listOf(true, false)) {
            device.assertOnePush(ordinary.copy(isLowPower = isOn)) { saveBattery(isOn) }
            device.assertNoPush { saveBattery(isOn) }
        }
    }

    private fun saveBattery(isOn: Boolean) {
        shadowOf(power).setIsPowerSaveMode(isOn)
        device.broadcast(PowerManager.ACTION_POWER_SAVE_MODE_CHANGED)
    }

    // rule P2
    @Test
    fun `how warm the device is`() {
        start()
        val states =
            listOf(
                PowerManager.THERMAL_STATUS_LIGHT to ThermalState.FAIR,
                PowerManager.THERMAL_STATUS_MODERATE to ThermalState.SERIOUS,
                PowerManager.THERMAL_STATUS_CRITICAL to ThermalState.CRITICAL,
                PowerManager.THERMAL_STATUS_SEVERE to ThermalState.SERIOUS,
                PowerManager.THERMAL_STATUS_SHUTDOWN to ThermalState.CRITICAL,
                PowerManager.THERMAL_STATUS_NONE to ThermalState.NOMINAL,
            )
        for ((status, state) in states) {
            device.assertOnePush(ordinary.copy(thermal = state)) { shadowOf(power).setCurrentThermalStatus(status) }
        }
        shadowOf(power).setCurrentThermalStatus(PowerManager.THERMAL_STATUS_CRITICAL)
        device.assertNoPush { shadowOf(power).setCurrentThermalStatus(PowerManager.THERMAL_STATUS_EMERGENCY) }
    }

    // rule P2
    @Test
    @Suppress("DEPRECATION")
    fun `storage that gets short`() {
        start()
        device.assertOnePush(ordinary.copy(isStorageLow = true)) {
            device.stickyBroadcast(Intent(Intent.ACTION_DEVICE_STORAGE_LOW))
        }
        device.assertOnePush(ordinary) { device.broadcast(Intent.ACTION_DEVICE_STORAGE_OK) }
    }

    // rule P2
    @Test
    fun `Data Saver, but not for an app that the user excepts from it`() {
        start()
        device.assertOnePush(ordinary.copy(isDataSaver = true)) { saveData(RESTRICT_BACKGROUND_STATUS_ENABLED) }
        device.assertOnePush(ordinary) { saveData(RESTRICT_BACKGROUND_STATUS_WHITELISTED) }
        device.assertNoPush { saveData(RESTRICT_BACKGROUND_STATUS_DISABLED) }
    }

    private fun saveData(status: Int) {
        shadowOf(device.connectivity).setRestrictBackgroundStatus(status)
        device.broadcast(ACTION_RESTRICT_BACKGROUND_CHANGED)
    }

    // rule P2
    @Test
    fun `the standby bucket is seen with the next change, and at a wake`() {
        start()
        val buckets =
            mapOf(
                UsageStatsManager.STANDBY_BUCKET_WORKING_SET to StandbyBucket.WORKING_SET,
                UsageStatsManager.STANDBY_BUCKET_FREQUENT to StandbyBucket.FREQUENT,
                UsageStatsManager.STANDBY_BUCKET_RARE to StandbyBucket.RARE,
                UsageStatsManager.STANDBY_BUCKET_RESTRICTED to StandbyBucket.RESTRICTED,
                // The system's own: never used, and exempted from buckets.
                50 to StandbyBucket.RESTRICTED,
                5 to StandbyBucket.ACTIVE,
            )
        for ((bucket, expected) in buckets) {
            val before = device.monitor.current.standbyBucket
            shadowOf(usage).setCurrentAppStandbyBucket(bucket)
            if (before == expected) continue
            device.assertOnePush(ordinary.copy(standbyBucket = expected)) { device.monitor.lookAgain() }
        }
        shadowOf(usage).setCurrentAppStandbyBucket(UsageStatsManager.STANDBY_BUCKET_RARE)
        val both = ordinary.copy(isLowPower = true, standbyBucket = StandbyBucket.RARE)
        device.assertOnePush(both) { saveBattery(true) }
    }

    // rule P2
    @Test
    fun `the first unlock after a boot`() {
        shadowOf(users).setUserUnlocked(false)
        device.battery(100, BATTERY_PLUGGED_USB)
        device.beginOn(SimulatedDevice.WIFI)
        device.monitor.start()
        assertEquals(ordinary.copy(isProtectedDataAvailable = false), device.monitor.current)
        device.assertOnePush(ordinary) {
            shadowOf(users).setUserUnlocked(true)
            device.broadcast(Intent.ACTION_USER_UNLOCKED)
        }
    }

    // rule P2
    @Test
    fun `after a stop it hears nothing, and nothing of it is registered`() {
        val receiversBefore = shadowOf(application).registeredReceivers.size
        start()
        val receivers = shadowOf(application).registeredReceivers.drop(receiversBefore)
        assertEquals(5, receivers.size)
        assertTrue(receivers.all { it.flags and Context.RECEIVER_NOT_EXPORTED != 0 }, "other apps reach a receiver")
        assertEquals(1, shadowOf(device.connectivity).networkCallbacks.size)
        assertEquals(1, shadowOf(power).thermalStatusListeners.size)

        device.monitor.stop()
        assertEquals(receiversBefore, shadowOf(application).registeredReceivers.size)
        assertEquals(0, shadowOf(device.connectivity).networkCallbacks.size)
        assertEquals(0, shadowOf(power).thermalStatusListeners.size)
        device.assertNoPush {
            saveBattery(true)
            device.monitor.lookAgain()
        }
        device.monitor.stop()
        device.assertOnePush(ordinary.copy(isLowPower = true)) { device.monitor.start() }
    }

    // rule C2
    @Test
    fun `it is the main thread's`() {
        start()
        val elsewhere = FutureTask { assertFailsWith<IllegalStateException> { device.monitor.stop() } }
        thread { elsewhere.run() }
        assertTrue("main thread" in elsewhere.get().message.orEmpty())
    }
}
