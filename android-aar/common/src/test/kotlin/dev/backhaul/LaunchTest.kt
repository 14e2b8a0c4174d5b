package dev.backhaul

import org.junit.jupiter.api.Test
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertSame
import kotlin.test.assertTrue

class LaunchTest {
    /** Leaves a task in each of these sessions. */
    private suspend fun Fixture.leave(vararg identifiers: String) {
        for (identifier in identifiers) {
            Session(background(identifier), Recorder()).use {
                it.downloadTask(Request(serve("a"), Destination.container(identifier), callerId = identifier))
            }
        }
    }

    @Test
    fun `a launch makes the sessions again and says what it could not`() =
        withFixture { fixture ->
            // rule W5
            fixture.leave("maps", "gone", "broken")
            val recorder = Recorder()
            BackgroundSessions
                .launch(fixture.container) { identifier ->
                    when (identifier) {
                        "maps" -> SessionLaunch(fixture.background("maps"), recorder)
                        "gone" -> null
                        else -> throw AssertionError("cannot make $identifier")
                    }
                }.use { sessions ->
                    assertEquals(listOf("maps"), sessions.sessions.map { it.identifier })
                    assertEquals(listOf("gone"), sessions.unknownSessions)
                    val failed = sessions.failedSessions.single()
                    assertEquals("broken", failed.identifier)
                    assertTrue("cannot make broken" in failed.error.message.orEmpty(), failed.error.message)
                    assertNull(sessions.recovery)
                    assertNull(sessions.session("gone"))

                    val session = assertNotNull(sessions.session("maps"))
                    val task = assertNotNull(session.taskWithCallerId("maps"))
                    task.resume()
                    assertEquals(100_000, task.await().length)
                    recorder.awaitEnds()
                }
        }

    @Test
    fun `opening a session that is there gives that one`() =
        withFixture { fixture ->
            // rule C1
            val first = Recorder()
            BackgroundSessions.launch(fixture.container) { null }.use { sessions ->
                val session = sessions.open(SessionLaunch(fixture.background("maps"), first))
                val again = sessions.open(SessionLaunch(fixture.background("maps"), Recorder()))
                assertSame(session.observers, again.observers)
                again.enqueue(Request(fixture.serve("a")))
                assertEquals(1, first.awaitEnds().size)
                session.close()
                assertEquals("maps", again.identifier)
            }
        }

    @Test
    fun `a session of another kind is not one of a launch`() =
        withFixture { fixture ->
            // rule C1
            BackgroundSessions.launch(fixture.container) { null }.use { sessions ->
                val invalid = fixture.background("maps").apply { additionalHeaders = listOf(Header("A\n", "b")) }
                assertFailsWith<TransferException.InvalidHeader> { sessions.open(SessionLaunch(invalid, Recorder())) }
                assertEquals(emptyList(), sessions.sessions)
            }
        }

    @Test
    fun `wakes go to the session that they are for, or to all`() =
        withFixture { fixture ->
            // rule S5
            fixture.leave("maps")
            BackgroundSessions
                .launch(fixture.container) { SessionLaunch(fixture.background(it), Recorder()) }
                .use { sessions ->
                    val ends = List(3) { CompletableFuture<Unit>() }
                    val tickets = ends.map { end -> WakeTicket { end.complete(Unit) } }
                    assertTrue(sessions.handleBackgroundEvents("maps", tickets[0]))
                    assertFalse(sessions.handleBackgroundEvents("nobody", tickets[1]))
                    assertTrue(sessions.handleWake(tickets[2]))
                    assertFalse(sessions.handleWake(tickets[2]))
                    sessions.expireBackgroundEvents()
                    for (end in ends) end.get(PATIENCE.inWholeSeconds, TimeUnit.SECONDS)
                }
        }

    @Test
    fun `conditions reach every session`() =
        withFixture { fixture ->
            // rule P2
            BackgroundSessions.launch(fixture.container) { null }.use { sessions ->
                val session = sessions.open(SessionLaunch(fixture.background("maps"), Recorder()))
                sessions.setConditions(SystemConditions(thermal = ThermalState.CRITICAL))
                val task = session.enqueue(Request(fixture.serve("a")))
                assertEquals(TaskState.Waiting(WaitReason.Thermal), task.info().state)
            }
        }

    @Test
    fun `a damaged store is replaced and reported`() =
        withFixture { fixture ->
            // rule D6
            fixture.leave("maps")
            fixture.damageStore()
            BackgroundSessions
                .launch(fixture.container) { SessionLaunch(fixture.background(it), Recorder()) }
                .use { assertTrue(assertNotNull(it.recovery).reason.isNotEmpty()) }
            fixture.damageStore()
            val recorder = Recorder()
            Session(fixture.background("maps"), recorder).use {
                recorder.await { events -> events.any { it is SessionEvent.StoreRecovered } }
            }
        }

    private fun Fixture.damageStore() {
        val stores =
            container.toFile().listFiles { file ->
                file.isFile &&
                    (".db" in file.name || ".sqlite" in file.name)
            }
        assertTrue(assertNotNull(stores).isNotEmpty())
        for (store in stores) store.writeBytes(ByteArray(8192) { 7 })
    }
}
