package dev.backhaul

import app.cash.turbine.test
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue

class EventsTest {
    @Test
    fun `events come as the delegate is told them and end with the session`() =
        withFixture { fixture ->
            // rule S6
            val recorder = Recorder()
            Session(fixture.background(), recorder).use { session ->
                session.events.test(timeout = PATIENCE) {
                    session.enqueue(Request(fixture.serve("a")))
                    var event = awaitItem()
                    while (event !is SessionEvent.TaskCompleted) event = awaitItem()
                    assertNull(event.error)
                    session.finishTasksAndInvalidate()
                    while (event !is SessionEvent.BecameInvalid) event = awaitItem()
                    awaitComplete()
                }
                assertEquals(emptyList(), session.events.toList())
            }
        }

    @Test
    fun `a collector that waits for a session that is closed is let go`() =
        withFixture { fixture ->
            // rule C3
            val session = Session(fixture.background(), Recorder())
            val collected = async(start = CoroutineStart.UNDISPATCHED) { session.events.toList() }
            session.close()
            assertEquals(emptyList(), collected.await())
        }

    @Test
    fun `who awaits a task of a session that ends is told`() =
        withFixture { fixture ->
            // rule C3
            val session = Session(fixture.background(), Recorder())
            val task = session.enqueue(Request(fixture.serve("a", 50_000_000, "rate=100000")))
            val waiting =
                async {
                    assertFailsWith<TransferException.SessionInvalidated> { task.await() }
                }
            task.progress.first()
            session.close()
            waiting.await()
        }

    @Test
    fun `progress begins with where the task stands and ends with it`() =
        withFixture { fixture ->
            // rule E2
            Session(fixture.background(), Recorder()).use { session ->
                val task = session.downloadTask(fixture.serve("a", 2_000_000, "rate=2000000"))
                val all = async(start = CoroutineStart.UNDISPATCHED) { task.progress.toList() }
                task.resume()
                val seen = all.await()
                assertEquals(Progress(0, 0, null, 0), seen.first())
                assertEquals(2_000_000, seen.last().received)
                assertEquals(1.0, seen.last().fraction)
                assertTrue(seen.map { it.received }.zipWithNext().all { (a, b) -> a <= b }, "$seen")
                // A second of transfer: at most ten calls, the first, and the last exact one.
                assertTrue(seen.size <= 15, "${seen.size} times")
                assertEquals(listOf(2_000_000L), task.progress.toList().map { it.received })
            }
        }

    @Test
    fun `a collector that stops is forgotten and disturbs nobody`() =
        withFixture { fixture ->
            // rule L2
            val recorder = Recorder()
            Session(fixture.background(), recorder).use { session ->
                val collector =
                    launch(
                        start = CoroutineStart.UNDISPATCHED,
                    ) { session.events.collect { error("a collector's own mistake") } }
                collector.cancelAndJoin()
                val first = async(start = CoroutineStart.UNDISPATCHED) { session.events.first() }
                session.enqueue(Request(fixture.serve("a")))
                assertIs<SessionEvent.TaskCreated>(first.await())
                assertNull(recorder.awaitEnds().single().error)
            }
        }

    @Test
    fun `a collector that is too slow is told how much it missed`() =
        withFixture { fixture ->
            // rule E2
            val recorder = Recorder()
            Session(fixture.background(), recorder).use { session ->
                val mailbox = session.observers
                mailbox.subscribed { slow ->
                    session.enqueue(List(400) { Request(fixture.serve("a", 10), Destination.container("$it")) })
                    recorder.awaitEnds(400)
                    var event = slow.take()
                    var count = 0
                    while (event !is SessionEvent.Missed) {
                        event = slow.take()
                        count += 1
                    }
                    assertTrue(event.count > 0)
                    assertTrue(count in 1..1_025, "$count")
                }
            }
        }

    @Test
    fun `progress ends although the task's end was missed`() =
        withFixture { fixture ->
            // rules E2, L2
            val recorder = Recorder()
            Session(fixture.background(), recorder).use { session ->
                val task = session.downloadTask(fixture.serve("watched", 1_000))
                val begun = CompletableDeferred<Unit>()
                val all = async { task.progress.onEach { begun.complete(Unit) }.toList() }
                begun.await()
                // From here on the collector's thread is held by this test: nothing is taken from its mailbox.
                session.enqueueBlocking(List(400) { Request(fixture.serve("a", 10), Destination.container("$it")) })
                recorder.awaitEnds(400)
                task.resumeBlocking()
                recorder.awaitEnds(401)
                assertEquals(1_000, all.await().last().received)
            }
        }
}
