package dev.backhaul

import org.junit.jupiter.api.Test
import java.util.concurrent.CompletableFuture
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.milliseconds

class WakeTest {
    private val completed = AtomicInteger()
    private val done = CompletableFuture<String>()

    private fun complete() {
        completed.incrementAndGet()
        done.complete(Thread.currentThread().name)
    }

    private fun awaitCompletion(): String = done.get(PATIENCE.inWholeSeconds, TimeUnit.SECONDS)

    @Test
    fun `a wake ends once everything was delivered`() =
        withFixture { fixture ->
            // rule W3
            val recorder = Recorder()
            val configuration =
                fixture.background().apply {
                    conditions =
                        SystemConditions(appState = AppState.BACKGROUND)
                }
            Session(configuration, recorder).use { session ->
                val ticket = WakeTicket { complete() }
                session.enqueue(Request(fixture.serve("a")))
                assertTrue(session.handleBackgroundEvents(ticket))
                assertFalse(session.handleBackgroundEvents(ticket))
                awaitCompletion()
                // rule W4
                assertTrue(recorder.events.last() is SessionEvent.EventsFinished, "${recorder.events}")
                assertEquals(0, session.status.undelivered)
                ticket.giveBack()
                ticket.close()
            }
            assertEquals(1, completed.get())
        }

    @Test
    fun `a wake ends at its limit whatever is left`() =
        withFixture { fixture ->
            // rule W3
            Session(fixture.background(), Recorder()).use { session ->
                session.enqueue(Request(fixture.serve("a", 50_000_000, "rate=100000")))
                session.handleBackgroundEvents(WakeTicket(300.milliseconds) { complete() })
                awaitCompletion()
            }
            assertEquals(1, completed.get())
        }

    @Test
    fun `a ticket that nobody takes is completed when it is let go`() {
        // rule W3
        WakeTicket { complete() }.giveBack()
        assertEquals(1, completed.get())
        WakeTicket { complete() }.use { assertEquals(1, completed.get()) }
        assertEquals(2, completed.get())
        WakeTicket { complete() }
        eventually("completed") { completed.get() == 3 }
    }

    @Test
    fun `a ticket is completed on the executor that it names`() =
        withFixture { fixture ->
            // rule W4
            val main =
                java.util.concurrent.Executors
                    .newSingleThreadExecutor { Thread(it, "main of the platform") }
            Session(fixture.background(), Recorder()).use { session ->
                session.handleBackgroundEvents(WakeTicket(executor = main) { complete() })
                assertEquals("main of the platform", awaitCompletion())
            }
            main.shutdown()
        }

    @Test
    fun `a completion that throws is completed all the same`() =
        withFixture { fixture ->
            // rule W3
            Session(fixture.background(), Recorder()).use { session ->
                val ticket =
                    WakeTicket {
                        complete()
                        throw AssertionError("a mistake of the app")
                    }
                session.handleBackgroundEvents(ticket)
                awaitCompletion()
                assertEquals(1_000, session.enqueue(Request(fixture.serve("a", 1_000))).await().length)
            }
        }

    @Test
    fun `a wake is asked for when it would be of use`() =
        withFixture { fixture ->
            // rule P6
            val requests = LinkedBlockingQueue<WakeRequest>()
            val scheduler =
                object : WakeScheduler {
                    override fun schedule(request: WakeRequest) {
                        requests += request
                        throw StackOverflowError("the platform refuses")
                    }

                    override fun cancel() = throw IllegalStateException("the platform refuses this, too")
                }
            val configuration =
                fixture.background().apply {
                    conditions = SystemConditions(network = Network.NONE, appState = AppState.BACKGROUND)
                    wakeScheduler = scheduler
                }
            Session(configuration, Recorder()).use { session ->
                session.enqueue(Request(fixture.serve("a"), allowsCellularAccess = false))
                val request = assertNotNull(requests.poll(PATIENCE.inWholeSeconds, TimeUnit.SECONDS))
                assertTrue(request.constraints.network)
                assertTrue(request.constraints.isNotCellular)
            }
        }
}
