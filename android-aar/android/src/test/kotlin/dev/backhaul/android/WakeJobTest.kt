package dev.backhaul.android

import android.Manifest
import android.app.job.JobInfo
import android.net.NetworkCapabilities
import android.os.SystemClock
import dev.backhaul.WakeConstraints
import dev.backhaul.WakeRequest
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Clock
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes

/** What a request for a wake becomes in the words of `JobInfo`. */
@RunWith(RobolectricTestRunner::class)
class WakeJobTest {
    private val context = RuntimeEnvironment.getApplication()
    private val job = WakeJob(context, 7)
    private val anything =
        WakeConstraints(network = false, isUnmetered = false, isNotCellular = false, isCharging = false)
    private val online = anything.copy(network = true)

    private fun wanted(
        constraints: WakeConstraints,
        at: Duration = Duration.ZERO,
        latest: Duration? = null,
    ): Wanted {
        val now = Clock.System.now()
        return Wanted.of(WakeRequest(now + at, constraints, latest?.let { now + it }))
    }

    private fun info(
        wanted: Wanted,
        isExpedited: Boolean = false,
    ): JobInfo = job.info(wanted, SystemClock.elapsedRealtime(), isExpedited)

    private fun assertAbout(
        expected: Duration,
        actualMs: Long,
    ) = assertTrue(actualMs in (expected - 1.minutes).inWholeMilliseconds..expected.inWholeMilliseconds, "$actualMs ms")

    // rule P6
    @Test
    fun `times and a charger are those of the request`() {
        val info = info(wanted(online.copy(isCharging = true), 2.hours, 5.hours))
        assertEquals(7, info.id)
        assertAbout(2.hours, info.minLatencyMillis)
        assertAbout(5.hours, info.maxExecutionDelayMillis)
        assertTrue(info.isRequireCharging)
        assertFalse(info.isPeriodic || info.isRequireDeviceIdle || info.isPrefetch || info.isExpedited)
    }

    // rule P6
    @Test
    fun `a network is asked for by its capabilities`() {
        val plain = assertNotNull(info(wanted(online)).requiredNetwork)
        assertTrue(plain.hasCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET))
        assertTrue(plain.hasCapability(NetworkCapabilities.NET_CAPABILITY_VALIDATED))
        assertFalse(plain.hasCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED))
        // A private network is a network.
        assertFalse(plain.hasCapability(NetworkCapabilities.NET_CAPABILITY_NOT_VPN))
        assertFalse(plain.hasTransport(NetworkCapabilities.TRANSPORT_WIFI))

        val unmetered = assertNotNull(info(wanted(anything.copy(isUnmetered = true))).requiredNetwork)
        assertTrue(unmetered.hasCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED))

        val choosy = assertNotNull(info(wanted(online.copy(isNotCellular = true))).requiredNetwork)
        assertTrue(choosy.hasTransport(NetworkCapabilities.TRANSPORT_WIFI))
        assertTrue(choosy.hasTransport(NetworkCapabilities.TRANSPORT_ETHERNET))
        assertTrue(choosy.hasTransport(NetworkCapabilities.TRANSPORT_BLUETOOTH))
        assertFalse(choosy.hasTransport(NetworkCapabilities.TRANSPORT_CELLULAR))
        assertNull(info(wanted(anything, 1.hours)).requiredNetwork)
    }

    // rule P6
    @Test
    fun `work that lacks only run time and a network is expedited`() {
        val now = SystemClock.elapsedRealtime()
        assertTrue(job.mayBeExpedited(wanted(online, latest = 1.hours), now))
        assertFalse(job.mayBeExpedited(wanted(online, at = 1.minutes), now), "it is not due")
        assertFalse(job.mayBeExpedited(wanted(online.copy(isCharging = true)), now), "it is in no hurry")
        assertFalse(job.mayBeExpedited(wanted(online.copy(isUnmetered = true)), now), "it is in no hurry")
        assertFalse(job.mayBeExpedited(wanted(anything), now), "it only looks at a deadline")
        val info = info(wanted(online, latest = 1.hours), isExpedited = true)
        assertTrue(info.isExpedited)
        assertNotNull(info.requiredNetwork)
    }

    // rule P6
    @Test
    fun `a deadline leaves the system a quarter of an hour, and stands only beside what it overrides`() {
        val narrow = info(wanted(online, at = 30.minutes, latest = 31.minutes))
        assertAbout(45.minutes, narrow.maxExecutionDelayMillis)
        assertEquals(15.minutes.inWholeMilliseconds, narrow.maxExecutionDelayMillis - narrow.minLatencyMillis)
        val bare = info(wanted(anything, at = 30.minutes, latest = 30.minutes))
        assertAbout(30.minutes, bare.minLatencyMillis)
        // What the platform says for "none".
        assertEquals(0, bare.maxExecutionDelayMillis)
    }

    // rule P7
    @Test
    fun `moments that nobody means are cut to ones that the platform can count`() {
        val past = info(wanted(online, at = -(400.days), latest = -(399.days)))
        assertEquals(0, past.minLatencyMillis)
        assertEquals(15.minutes.inWholeMilliseconds, past.maxExecutionDelayMillis)
        val far = info(wanted(online, at = 900_000_000.days, latest = 900_000_001.days))
        assertEquals(365.days.inWholeMilliseconds, far.minLatencyMillis)
        assertTrue(far.maxExecutionDelayMillis > far.minLatencyMillis)
    }

    // rule P7
    @Test
    fun `time that passes before a request is handed over counts`() {
        val wanted = wanted(online, at = 10.minutes)
        val later = SystemClock.elapsedRealtime() + 4.minutes.inWholeMilliseconds
        assertAbout(6.minutes, job.info(wanted, later, false).minLatencyMillis)
    }

    // rule S7
    @Test
    fun `it outlives a reboot unless the app gave the permission away`() {
        val permission = Manifest.permission.RECEIVE_BOOT_COMPLETED
        shadowOf(context).grantPermissions(permission)
        assertTrue(info(wanted(online)).isPersisted)
        shadowOf(context).denyPermissions(permission)
        assertFalse(info(wanted(online)).isPersisted)
    }
}
