package dev.backhaul

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.asCoroutineDispatcher
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executor
import java.util.concurrent.Executors
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.TimeUnit
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue

class DelegateTest {
    companion object {
        private fun overflow(depth: Int): Int = overflow(depth + 1) + 1

        @JvmStatic
        fun throwables(): List<() -> Unit> =
            listOf(
                { throw IllegalStateException("an exception") },
                { throw AssertionError("an error") },
                { throw OutOfMemoryError("pretended") },
                { TODO("not yet") },
                { overflow(0) },
                { throw object : Throwable("neither") {} },
            )
    }

    @ParameterizedTest
    @MethodSource("throwables")
    fun `an end that a delegate throws at is told again at the next launch`(fail: () -> Unit) =
        withFixture { fixture ->
            // rule D4
            val throwing = Recorder { if (it is SessionEvent.DownloadFinished) fail() }
            val sequence =
                Session(fixture.background(), throwing).use { session ->
                    val task = session.enqueue(Request(fixture.serve("a")))
                    throwing.await { events -> events.any { it is SessionEvent.DownloadFinished } }
                    assertEquals(100_000, task.await().length)
                    assertFalse(session.journal().single().isAcknowledged)
                    throwing.events
                        .filterIsInstance<SessionEvent.DownloadFinished>()
                        .single()
                        .task.sequence
                }
            assertFalse(throwing.events.any { it is SessionEvent.TaskCompleted })
            val next = Recorder()
            Session(fixture.background(), next).use { session ->
                assertEquals(
                    sequence,
                    next
                        .awaitEnds()
                        .single()
                        .task.sequence,
                )
                next.await { events -> events.any { it is SessionEvent.EventsFinished } }
                assertTrue(session.journal().single().isAcknowledged)
            }
        }

    @ParameterizedTest
    @MethodSource("throwables")
    fun `what a delegate throws elsewhere changes nothing`(fail: () -> Unit) =
        withFixture { fixture ->
            // rule L2
            val throwing =
                Recorder {
                    if (it is SessionEvent.TaskCreated || it is SessionEvent.ResponseReceived ||
                        it is SessionEvent.DataWritten
                    ) {
                        fail()
                    }
                }
            Session(fixture.background(), throwing).use { session ->
                val task = session.enqueue(Request(fixture.serve("a")))
                assertNull(throwing.awaitEnds().single().error)
                assertEquals(100_000, task.await().length)
            }
        }

    @Test
    fun `a redirect that a delegate throws at is not followed`() =
        withFixture { fixture ->
            // rule H3
            val throwing = Recorder { if (it is SessionEvent.ResponseReceived) throw AssertionError("no") }
            Session(fixture.foreground(), throwing).use { session ->
                val task = session.enqueue(Request(fixture.serve("a", query = "fault=redirect-to-target")))
                val error = runCatching { task.await() }.exceptionOrNull() as TransferException
                assertEquals(302, error.response?.status)
            }
        }

    @Test
    fun `calls come one at a time`() =
        withFixture { fixture ->
            // rule L2
            val inside =
                java.util.concurrent.atomic
                    .AtomicInteger()
            val most =
                java.util.concurrent.atomic
                    .AtomicInteger()
            val recorder =
                Recorder {
                    most.accumulateAndGet(inside.incrementAndGet(), ::maxOf)
                    inside.decrementAndGet()
                }
            val pool = Executors.newFixedThreadPool(4)
            Session(fixture.background(), recorder, DelegateQueue.of(pool)).use { session ->
                session.enqueue(List(50) { Request(fixture.serve("$it", 1_000)) })
                recorder.awaitEnds(50)
            }
            pool.shutdown()
            assertEquals(1, most.get())
        }

    @Test
    fun `a delegate may call its session`() =
        withFixture { fixture ->
            // rule L2
            lateinit var session: Session
            val ready = CountDownLatch(1)
            val next = fixture.serve("b")
            val recorder =
                Recorder { event ->
                    ready.await(PATIENCE.inWholeSeconds, TimeUnit.SECONDS)
                    if (event is SessionEvent.TaskCompleted && event.task.callerId == "a") {
                        session.enqueueBlocking(Request(next, callerId = "b"))
                        session.taskBlocking(event.task.id).setMetadataBlocking("seen")
                        session.status
                    }
                }
            session = Session(fixture.background(), recorder)
            ready.countDown()
            session.use {
                it.enqueue(Request(fixture.serve("a"), callerId = "a"))
                val ends = recorder.awaitEnds(2)
                assertEquals(listOf("a", "b"), ends.map { end -> end.task.callerId })
                assertEquals("seen", it.taskWithCallerId("a")?.info()?.metadata)
            }
        }

    @Test
    fun `a delegate may end its session from inside a call`() =
        withFixture { fixture ->
            // rule C3
            for (end in listOf<
                (
                    Session,
                ) -> Unit,
            >({ it.close() }, { it.invalidateAndCancel() }, { it.finishTasksAndInvalidate() })) {
                lateinit var session: Session
                val ready = CountDownLatch(1)
                val ended = CountDownLatch(1)
                val recorder =
                    Recorder { event ->
                        if (event is SessionEvent.TaskCompleted) {
                            ready.await(PATIENCE.inWholeSeconds, TimeUnit.SECONDS)
                            end(session)
                            ended.countDown()
                        }
                    }
                session = Session(fixture.background(), recorder)
                session.enqueue(Request(fixture.serve("a"), Destination.container("$end")))
                ready.countDown()
                assertTrue(ended.await(PATIENCE.inWholeSeconds, TimeUnit.SECONDS))
                session.close()
                // The identifier is free once the call has returned, on its own thread.
                eventually("the identifier is free") {
                    runCatching { Session(fixture.background(), Recorder()).close() }.isSuccess
                }
            }
        }

    @Test
    fun `a delegate is called on the executor of its queue`() =
        withFixture { fixture ->
            // rule S2
            val executor = Executors.newSingleThreadExecutor { Thread(it, "the app's own") }
            for (queue in listOf(DelegateQueue.of(executor), DelegateQueue.of(executor.asCoroutineDispatcher()))) {
                val recorder = Recorder()
                Session(fixture.background(), recorder, queue).use { session ->
                    session.enqueue(Request(fixture.serve("a"), Destination.container(queue.toString())))
                    recorder.awaitEnds()
                    assertEquals(setOf("the app's own"), recorder.calls.map { it.thread.name }.toSet())
                }
            }
            executor.shutdown()
            val recorder = Recorder()
            Session(fixture.background("default"), recorder, DelegateQueue.of(Dispatchers.Default)).use { session ->
                session.enqueue(Request(fixture.serve("a")))
                recorder.awaitEnds()
            }
        }

    @Test
    fun `calls that an executor rejects are told again at the next launch`() =
        withFixture { fixture ->
            // rule D4
            val rejecting = Executor { throw RejectedExecutionException("shut down") }
            Session(fixture.background(), Recorder(), DelegateQueue.of(rejecting)).use { session ->
                val task = session.enqueue(Request(fixture.serve("a")))
                while (session.status.undelivered == 0L && task.info().state != TaskState.Completed) Thread.yield()
            }
            val recorder = Recorder()
            Session(fixture.background(), recorder).use { assertNull(recorder.awaitEnds().single().error) }
        }
}
