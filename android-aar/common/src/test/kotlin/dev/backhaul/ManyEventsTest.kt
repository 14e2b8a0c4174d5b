package dev.backhaul

import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.count
import org.junit.jupiter.api.Test
import kotlin.concurrent.thread
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.TimeSource

class ManyEventsTest {
    private val size = 100_000L

    /** Tells of each byte on a thread of its own. */
    private val flood =
        Service { transfer ->
            thread {
                begin(transfer, size)
                for (received in 1..size) tell().progressed(transfer.id, received, size, 1)
                end(transfer, "x".repeat(size.toInt()))
            }
        }

    private fun usedKilobytes() = Runtime.getRuntime().run { (totalMemory() - freeMemory()) / 1024 }

    @Test
    fun `a hundred thousand progress events cost little and are few calls`() =
        withFixture(5.minutes) { fixture ->
            // rule E2
            val recorder = Recorder()
            Session(fixture.background().apply { transport = flood }, recorder).use { session ->
                val task = session.downloadTask(Request("https://example.com/a"))
                val collected = async(start = CoroutineStart.UNDISPATCHED) { session.events.count() }
                System.gc()
                val before = usedKilobytes()
                val began = TimeSource.Monotonic.markNow()
                task.resume()
                assertEquals(size, task.await().length)
                val took = began.elapsedNow()

                val told = recorder.events.filterIsInstance<SessionEvent.DataWritten>().map { it.progress }
                assertTrue(told.size <= took / 100.milliseconds + 2, "${told.size} calls in $took")
                assertEquals(size, told.sumOf { it.written }, "none is lost")
                assertEquals(size, told.last().received)
                // JNA's cleaner lets go of what the calls have used, a moment later.
                eventually("less than 10 MiB more") { usedKilobytes() - before < 10 * 1024 }
                session.finishTasksAndInvalidate()
                recorder.awaitInvalid()
                assertTrue(collected.await() <= told.size + 20, "as many events as calls")
                println("100,000 progress events: $took, ${told.size} calls, ${usedKilobytes() - before} KiB more")
            }
        }
}
