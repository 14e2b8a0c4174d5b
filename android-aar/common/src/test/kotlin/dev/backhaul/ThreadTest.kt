package dev.backhaul

import dev.backhaul.ffi.CallbackThreads
import org.junit.jupiter.api.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

class ThreadTest {
    @Test
    fun `callbacks come on one named daemon thread for each session`() =
        withFixture { fixture ->
            // rule L2
            val recorder = Recorder()
            Session(fixture.background(), recorder).use { session ->
                session.enqueue(List(100) { Request(fixture.serve("$it", 1_000)) })
                recorder.awaitEnds(100)
                val threads = recorder.calls.map { it.thread }.distinct()
                assertEquals(1, threads.size, "$threads")
                assertTrue(threads.single().isDaemon)
                assertTrue(threads.single().name.startsWith(CallbackThreads.NAME_PREFIX), threads.single().name)
            }
        }

    @Test
    fun `threads do not pile up`() =
        withFixture { fixture ->
            // rule L2
            fun attached() = Thread.getAllStackTraces().keys.count { it.name.startsWith(CallbackThreads.NAME_PREFIX) }
            for (round in 1..20) {
                val recorder = Recorder()
                Session(fixture.background(), recorder).use { session ->
                    session.enqueue(Request(fixture.serve("a"), Destination.container("$round")))
                    recorder.awaitEnds()
                }
            }
            // A native thread that has ended takes its Java thread along, a moment later.
            eventually("at most ten threads") { attached() <= 10 }
        }
}
