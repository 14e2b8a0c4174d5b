package dev.backhaul.testkit

import dev.backhaul.Network
import dev.backhaul.Recorder
import dev.backhaul.Request
import dev.backhaul.SessionConfiguration
import dev.backhaul.SessionEvent
import dev.backhaul.SessionLaunch
import dev.backhaul.TaskState
import dev.backhaul.TransferException
import dev.backhaul.WaitReason
import org.junit.jupiter.api.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

class SimulatedPhoneTest {
    private val url = "https://example.com/alps"
    private val recorder = Recorder()

    private val app =
        object : SimulatedApp {
            override val sessions = listOf("maps")

            override fun make(identifier: String) = SessionLaunch(SessionConfiguration.background(identifier), recorder)
        }

    private fun withPhone(test: (SimulatedPhone) -> Unit) =
        SimulatedPhone(SimulatedProfile.ANDROID, seed = 42, app).use { phone ->
            test(phone)
            assertEquals(emptyList(), phone.brokenPromises)
        }

    private fun SimulatedPhone.enqueue(): Long = session("maps")!!.enqueueBlocking(Request(url)).id

    @Test
    fun `an app that is killed gets its file all the same`() =
        withPhone { phone ->
            // rule S7
            phone.serve(SimulatedObject(url, 40_000_000))
            phone.open()
            val task = phone.enqueue()
            phone.background()
            phone.kill()
            assertNull(phone.session("maps"))
            phone.advance(6.hours)
            assertEquals(TaskState.Completed, phone.state("maps", task))
            assertEquals(1, phone.fileVersion("maps", task))
            assertTrue(phone.wakes > 0)
            assertTrue(recorder.events.any { it is SessionEvent.TaskCompleted && it.error == null })
            assertTrue(phone.elapsed >= 6.hours)
            assertTrue(phone.log.lines().size > 5 && phone.story.isNotEmpty())
        }

    @Test
    fun `what a user and a device may do to an app harms nothing`() =
        withPhone { phone ->
            // rule P7
            phone.serve(
                SimulatedObject(url, 10_000_000, SimulatedValidator.WEAK, SimulatedRanges.IGNORED, sendsDigest = true),
            )
            phone.setServer("example.com", ServerFault.BreaksAfter(1_000_000), times = 1)
            phone.open()
            phone.setNetwork(Network.NONE)
            val task = phone.enqueue()
            assertEquals(TaskState.Waiting(WaitReason.Connectivity), phone.state("maps", task))
            phone.setNetwork(Network.WIFI)
            phone.setCharging(true)
            phone.advanceToNext(1.seconds)
            phone.frontmost()
            phone.setClockForward(3.hours)
            phone.setClockBack(1.hours)
            phone.reboot()
            phone.losePower()
            phone.run()
            phone.killAfter(2)
            phone.advance(10.minutes)
            phone.say("the user comes back")
            phone.perform("{\"app\": \"active\"}")
            phone.conditions = phone.conditions.copy(isLowPower = false)
            phone.advance(5.hours)
            assertEquals(TaskState.Completed, phone.state("maps", task))
            assertNotNull(phone.backgroundSessions).let { assertEquals(1, it.sessions.size) }
            phone.forceQuit()
            assertNull(phone.backgroundSessions)
        }

    @Test
    fun `the same seed gives the same log`() {
        // rule S7
        val logs =
            List(2) {
                SimulatedPhone(SimulatedProfile.WATCH, seed = 7, app).use { phone ->
                    phone.serve(SimulatedObject(url, 1_000_000))
                    phone.open()
                    phone.enqueue()
                    phone.advance(1.hours)
                    phone.log
                }
            }
        assertEquals(logs[0], logs[1])
    }

    @Test
    fun `mistakes of a test are typed`() =
        withPhone { phone ->
            // rule E3
            assertFailsWith<TransferException.InvalidRequest> { phone.serve(SimulatedObject("alps", 1)) }
            assertFailsWith<TransferException.InvalidRequest> { phone.serve(SimulatedObject(url, -1)) }
            assertFailsWith<TransferException.InvalidRequest> { phone.setServer("a", ServerFault.Status(200)) }
            assertFailsWith<TransferException.InvalidRequest> { phone.perform("\"explode\"") }
        }

    @Test
    fun `every fault of a server can be told`() =
        withPhone { phone ->
            // rule E3
            val faults =
                listOf(
                    ServerFault.Down,
                    ServerFault.Status(503, 5.seconds),
                    ServerFault.Unsatisfiable,
                    ServerFault.Early(1),
                    ServerFault.Late(1),
                    ServerFault.NoContentRange,
                    ServerFault.EndsAfter(1),
                    ServerFault.BreaksAfter(1),
                    ServerFault.StallsAfter(1),
                    ServerFault.None,
                )
            for (fault in faults) phone.setServer("example.com", fault)
        }
}
