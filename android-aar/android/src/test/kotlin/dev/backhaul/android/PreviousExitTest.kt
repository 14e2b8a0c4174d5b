package dev.backhaul.android

import android.app.ActivityManager
import android.app.Application
import android.app.ApplicationExitInfo
import android.os.Build
import dev.backhaul.PreviousExit
import dev.backhaul.Recorder
import dev.backhaul.Request
import dev.backhaul.SessionLaunch
import dev.backhaul.SessionMaker
import dev.backhaul.TransferException
import dev.backhaul.android.testkit.Device
import dev.backhaul.android.testkit.MainLooper
import org.junit.After
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowActivityManager.ApplicationExitInfoBuilder
import org.robolectric.util.ReflectionHelpers
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNull

/** How the process before this one ended. */
@RunWith(RobolectricTestRunner::class)
class PreviousExitTest {
    private val device = Device()
    private val application = device.application
    private val level = Build.VERSION.SDK_INT

    @After
    fun close() {
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", level)
        device.close()
    }

    private fun exited(
        reason: Int,
        process: String = Application.getProcessName(),
    ) {
        val manager = shadowOf(application.getSystemService(ActivityManager::class.java))
        val info = ApplicationExitInfoBuilder.newBuilder().setProcessName(process).setReason(reason)
        manager.addApplicationExitInfo(info.build())
    }

    // rule W6
    @Test
    fun `only a force-stop counts as one`() {
        val exit = { isWakeLost: Boolean -> previousExitOf(application, isWakeLost) }
        assertEquals(PreviousExit.ORDINARY, exit(true), "nothing is known")
        exited(ApplicationExitInfo.REASON_USER_REQUESTED)
        assertEquals(PreviousExit.FORCE_QUIT, exit(true))
        assertEquals(PreviousExit.ORDINARY, exit(false), "it was swiped away or updated: the job is still there")
        exited(ApplicationExitInfo.REASON_LOW_MEMORY, process = "another:process")
        assertEquals(PreviousExit.FORCE_QUIT, exit(true))
        exited(ApplicationExitInfo.REASON_LOW_MEMORY)
        assertEquals(PreviousExit.ORDINARY, exit(true))
        exited(ApplicationExitInfo.REASON_USER_REQUESTED)
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", Build.VERSION_CODES.Q)
        assertEquals(PreviousExit.ORDINARY, exit(true), "nobody says so before Android 11")
    }

    // rule W6
    @Test
    fun `a task that a force-stop ended is told`() {
        val session = device.openApp()
        session.enqueueBlocking(Request(device.serve("forced", 4_000_000, "rate=100000"), callerId = "forced"))
        device.awaitBytes("forced")
        MainLooper.await("a wake is asked for") { device.jobs.allPendingJobs.isNotEmpty() }
        device.jobs.forceStop()
        exited(ApplicationExitInfo.REASON_USER_REQUESTED)
        device.openApp()
        assertIs<TransferException.UserForceQuit>(device.onlyError())
    }

    // rules W5, W6
    @Test
    fun `a task whose app was swiped away goes on`() {
        val session = device.openApp()
        session.enqueueBlocking(Request(device.serve("swiped", 2_000_000, "rate=1000000"), callerId = "swiped"))
        device.awaitBytes("swiped")
        MainLooper.await("a wake is asked for") { device.jobs.allPendingJobs.isNotEmpty() }
        device.jobs.killProcess()
        exited(ApplicationExitInfo.REASON_USER_REQUESTED)
        device.openApp()
        assertNull(device.onlyError())
    }

    // rules W5, W6
    @Test
    fun `without a job that could be missed nothing is called a force-stop`() {
        device.maker =
            SessionMaker { identifier ->
                val configuration = device.configuration(identifier).apply { sendsLaunchEvents = false }
                SessionLaunch(configuration, Recorder().also { device.delegates += it })
            }
        val session = device.openApp()
        session.enqueueBlocking(Request(device.serve("quiet", 2_000_000, "rate=1000000"), callerId = "quiet"))
        device.awaitBytes("quiet")
        assertEquals(0, device.jobs.allPendingJobs.size)
        device.jobs.killProcess()
        exited(ApplicationExitInfo.REASON_USER_REQUESTED)
        device.openApp()
        assertNull(device.onlyError())
    }
}
