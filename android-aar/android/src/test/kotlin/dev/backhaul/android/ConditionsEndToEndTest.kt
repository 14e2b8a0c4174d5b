package dev.backhaul.android

import dev.backhaul.AppState
import dev.backhaul.BackgroundSessions
import dev.backhaul.FaultServer
import dev.backhaul.PATIENCE
import dev.backhaul.Recorder
import dev.backhaul.Request
import dev.backhaul.SessionConfiguration
import dev.backhaul.SessionEvent
import dev.backhaul.SessionLaunch
import dev.backhaul.TaskState
import dev.backhaul.WaitReason
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import kotlin.io.path.readBytes
import kotlin.test.AfterTest
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** The real core and its HTTP under what a simulated phone says of itself. */
@RunWith(RobolectricTestRunner::class)
class ConditionsEndToEndTest {
    private val device = SimulatedDevice()
    private val recorder = Recorder()
    private val server = FaultServer.shared
    private lateinit var sessions: BackgroundSessions

    private val monitor = ConditionsMonitor(device.application) { sessions.setConditions(it) }

    private fun launch() {
        sessions = BackgroundSessions.launch(containerOf(device.application), monitor.current) { null }
        monitor.start()
        Robolectric.buildActivity(android.app.Activity::class.java).setup()
        device.idle()
        assertEquals(AppState.ACTIVE, monitor.current.appState)
    }

    @AfterTest
    fun end() {
        monitor.stop()
        sessions.close()
    }

    private fun open() =
        sessions.open(
            SessionLaunch(
                SessionConfiguration.background("maps").apply {
                    isDiscretionary = false
                    allowsCellularAccess = false
                    plainHttpHosts = setOf("127.0.0.1")
                },
                recorder,
            ),
        )

    // rule P2
    @Test
    fun `what may not go over a mobile network waits for Wi-Fi, and stops when that is gone`() =
        runBlocking {
            withTimeout(PATIENCE) {
                device.beginOn(SimulatedDevice.CELLULAR)
                launch()
                server.put("mobile", SIZE)
                val task = open().enqueue(Request(server.url("mobile", "rate=$SIZE")))
                assertEquals(TaskState.Waiting(WaitReason.CellularNotAllowed), task.info().state)

                device.switchTo(SimulatedDevice.WIFI)
                recorder.await { events -> events.any { it is SessionEvent.DataWritten } }

                device.switchTo(SimulatedDevice.CELLULAR)
                recorder.await { events ->
                    events.any { it is SessionEvent.TaskWaiting && it.reason == WaitReason.CellularNotAllowed }
                }
                assertEquals(TaskState.Waiting(WaitReason.CellularNotAllowed), task.info().state)

                device.switchTo(SimulatedDevice.WIFI)
                val file = task.await()
                assertContentEquals(server.bytes("mobile"), file.location.readBytes())
                val resumed = recorder.events.filterIsInstance<SessionEvent.ResumedAtOffset>()
                assertTrue(resumed.single().offset > 0, "$resumed")
            }
        }

    private companion object {
        /** A second, at the rate that the server is asked for. */
        const val SIZE = 1_000_000L
    }
}
