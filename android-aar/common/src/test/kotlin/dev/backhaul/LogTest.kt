package dev.backhaul

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertTrue

class LogTest {
    private val records = LinkedBlockingQueue<LogRecord>()

    @AfterEach
    fun silence() = Log.setSink(null)

    private fun awaitRecord(matches: (LogRecord) -> Boolean): LogRecord {
        while (true) {
            val record = assertNotNull(records.poll(PATIENCE.inWholeSeconds, TimeUnit.SECONDS), "no such record")
            if (matches(record)) return record
        }
    }

    @Test
    fun `a delegate that throws is in the log, in one line`() =
        withFixture { fixture ->
            // rule E4
            Log.setSink({ records += it }, LogLevel.WARN)
            val recorder =
                Recorder { if (it is SessionEvent.TaskCompleted) throw AssertionError("a mistake\nof two lines") }
            Session(fixture.background(), recorder).use { session ->
                session.enqueue(Request(fixture.serve("a")))
                val record = awaitRecord { "a mistake" in it.text }
                assertEquals(LogLevel.ERROR, record.level)
                assertTrue(record.target.startsWith("backhaul"))
                assertTrue("AssertionError" in record.text && "LogTest.kt" in record.text, record.text)
                assertFalse('\n' in record.text)
            }
        }

    @Test
    fun `a sink that throws gets the next record all the same`() =
        withFixture { fixture ->
            // rule E4
            Log.setSink({
                records += it
                throw StackOverflowError("a mistake of the sink")
            })
            val recorder = Recorder { throw IllegalStateException("a mistake of the delegate") }
            Session(fixture.background(), recorder).use { session ->
                session.downloadTasks(List(2) { n -> Request(fixture.serve("$n")) })
                repeat(2) { awaitRecord { "a mistake of the delegate" in it.text } }
            }
        }

    @Test
    fun `nothing is logged that a URL keeps secret`() =
        withFixture { fixture ->
            // rule E3
            Log.setSink({ records += it }, LogLevel.TRACE)
            val recorder = Recorder { throw IllegalStateException("told") }
            Session(fixture.foreground(), recorder).use { session ->
                val url = fixture.serve("a", query = "fault=error-body&status=500&token=s3cret")
                val task = session.enqueue(Request(url))
                recorder.await { events -> events.any { it is SessionEvent.TaskCreated } }
                awaitRecord { "told" in it.text }
                assertTrue("s3cret" !in task.explain().toString().replace(url, ""))
            }
            Log.setSink(null)
            assertEquals(emptyList(), records.filter { "s3cret" in it.text })
        }
}
