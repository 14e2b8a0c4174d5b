package dev.backhaul

import org.junit.jupiter.api.Test
import kotlin.io.path.readBytes
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.seconds

class SessionTest {
    @Test
    fun `an identifier is held by one live session`() =
        withFixture { fixture ->
            // rule C1
            Session(fixture.background("maps"), Recorder()).use { session ->
                assertEquals("maps", session.identifier)
                val error =
                    assertFailsWith<TransferException.SessionInUse> { Session(fixture.background("maps"), Recorder()) }
                assertEquals("session_in_use", error.kind)
                Session(fixture.background("other"), Recorder()).close()
            }
            Session(fixture.background("maps"), Recorder()).close()
        }

    @Test
    fun `a background session is there again with its tasks, which go on`() =
        withFixture { fixture ->
            // rule S7
            val url = fixture.serve("a", 3_000_000, "rate=1500000")
            val before = Recorder()
            val id =
                Session(fixture.background(), before).use { session ->
                    val task = session.enqueue(Request(url, callerId = "alps"))
                    before.await { events -> events.any { it is SessionEvent.DataWritten } }
                    task.id
                }
            val after = Recorder()
            Session(fixture.background(), after).use { session ->
                val task = session.task(id)
                assertEquals(task, session.taskWithCallerId("alps"))
                assertContentEquals(fixture.bytes("a"), task.await().location.readBytes())
                after.awaitEnds()
                assertTrue(after.events.any { it is SessionEvent.ResumedAtOffset && it.offset > 0 })
            }
        }

    @Test
    fun `a default session has nothing left from the one before`() =
        withFixture { fixture ->
            // rule S8
            Session(fixture.foreground()).use { it.downloadTask(fixture.serve("a")) }
            Session(fixture.foreground()).use { session ->
                assertNull(session.identifier)
                assertEquals(emptyList(), session.tasks())
            }
            Session(SessionConfiguration.ephemeral().apply { container = fixture.container }).use {
                assertEquals(0, it.status.active)
            }
        }

    @Test
    fun `finishing lets the tasks end, then says so, last of all`() =
        withFixture { fixture ->
            // rule C3
            val recorder = Recorder()
            Session(fixture.background(), recorder).use { session ->
                session.enqueue(Request(fixture.serve("a", 500_000, "rate=1000000")))
                session.finishTasksAndInvalidate()
                val events = recorder.awaitInvalid()
                assertNull(events.filterIsInstance<SessionEvent.TaskCompleted>().single().error)
                assertNull((events.last() as SessionEvent.BecameInvalid).error)
                assertFailsWith<TransferException.SessionInvalidated> { session.downloadTask(fixture.serve("b")) }
                assertTrue(session.status.isClosed)
                // The identifier is free.
                Session(fixture.background(), Recorder()).close()
            }
        }

    @Test
    fun `invalidating cancels the tasks`() =
        withFixture { fixture ->
            // rule C3
            val recorder = Recorder()
            Session(fixture.background(), recorder).use { session ->
                val task = session.enqueue(Request(fixture.serve("a", 50_000_000, "rate=100000")))
                recorder.await { events -> events.any { it is SessionEvent.ResponseReceived } }
                session.invalidateAndCancel()
                val end = recorder.awaitInvalid().filterIsInstance<SessionEvent.TaskCompleted>().single()
                assertEquals(task.id, end.task.id)
                assertIs<TransferException.Cancelled>(end.error)
            }
        }

    @Test
    fun `a closed session says so and may be closed again`() =
        withFixture { fixture ->
            // rule C2
            val session = Session(fixture.background(), Recorder())
            val task = session.downloadTask(fixture.serve("a"))
            repeat(2) { session.close() }
            assertFailsWith<TransferException.SessionInvalidated> { session.downloadTask(fixture.serve("b")) }
            assertFailsWith<TransferException.SessionInvalidated> { session.status }
            assertFailsWith<TransferException.SessionInvalidated> { task.resume() }
            assertFailsWith<TransferException.SessionInvalidated> { task.await() }
        }

    @Test
    fun `a session copies its configuration`() =
        withFixture { fixture ->
            // rule C2
            val configuration = fixture.foreground()
            Session(configuration).use { session ->
                configuration.plainHttpHosts = emptySet()
                assertEquals(1_000, session.download(Request(fixture.serve("a", 1_000))).length)
            }
        }

    @Test
    fun `tasks wait for conditions, say so, and go on when they are met`() =
        withFixture { fixture ->
            // rule P2
            val recorder = Recorder()
            Session(fixture.background(), recorder).use { session ->
                val task = session.enqueue(Request(fixture.serve("a", 2_000_000, "rate=1000000")))
                recorder.await { events -> events.any { it is SessionEvent.DataWritten } }
                session.setConditions(SystemConditions(network = Network.NONE))
                recorder.await { events ->
                    events.any { it is SessionEvent.TaskWaiting && it.reason == WaitReason.Connectivity }
                }
                assertEquals(TaskState.Waiting(WaitReason.Connectivity), task.info().state)
                assertEquals(mapOf<WaitReason, Long>(WaitReason.Connectivity to 1), session.status.waiting)
                session.setConditions(
                    SystemConditions(network = Network.CELLULAR, isCharging = false, batteryPercent = 5),
                )
                assertEquals(2_000_000, task.await().length)
            }
        }

    @Test
    fun `a request and its session decide which networks may be used`() =
        withFixture { fixture ->
            // rule P1
            val configuration = fixture.background().apply { conditions = SystemConditions(network = Network.CELLULAR) }
            Session(configuration, Recorder()).use { session ->
                val task = session.enqueue(Request(fixture.serve("a"), allowsCellularAccess = false))
                assertEquals(TaskState.Waiting(WaitReason.CellularNotAllowed), task.info().state)
            }
        }

    @Test
    fun `a deadline that has passed ends the task`() =
        withFixture { fixture ->
            // rule C2
            val configuration = fixture.background()
            configuration.setTimeoutForResource(java.time.Duration.ofMillis(300))
            Session(configuration, Recorder()).use { session ->
                val task = session.enqueue(Request(fixture.serve("a", query = "fault=no-answer")))
                val error = assertFailsWith<TransferException.ResourceTimedOut> { task.await() }
                assertFalse(error.isRetryable)
            }
        }

    @Test
    fun `headers of the session go with every request`() =
        withFixture { fixture ->
            // rule C2
            val configuration =
                fixture.foreground().apply { additionalHeaders = listOf(Header("Authorization", "Bearer 1")) }
            val url = fixture.serve("a", 1_000, "fault=require-authorization&value=Bearer%201")
            Session(configuration).use { assertEquals(1_000, it.download(Request(url)).length) }
            Session(fixture.foreground().apply { timeoutForResource = 1.seconds }).use { session ->
                assertFailsWith<TransferException> {
                    session.download(Request(url, Destination.container("b")))
                }
            }
        }
}
