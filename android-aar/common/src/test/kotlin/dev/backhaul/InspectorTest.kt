package dev.backhaul

import org.junit.jupiter.api.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith

class InspectorTest {
    @Test
    fun `a container can be read while its session runs`() =
        withFixture { fixture ->
            // rule E1
            val recorder = Recorder()
            Session(fixture.background("maps"), recorder).use { session ->
                val done = session.enqueue(Request(fixture.serve("a")))
                recorder.await { events -> events.any { it is SessionEvent.EventsFinished } }
                val waiting = session.downloadTask(fixture.serve("b"))
                Inspector(fixture.container, SystemConditions(network = Network.NONE)).use { inspector ->
                    assertEquals(listOf("maps"), inspector.sessionIdentifiers())
                    assertEquals(listOf(done.id, waiting.id), inspector.tasks("maps").map { it.id })
                    assertEquals(listOf(waiting.id), inspector.tasks("maps", after = done.id).map { it.id })
                    assertEquals(TaskState.Suspended, inspector.explain("maps", waiting.id).task.state)
                    assertEquals(done.id, inspector.journal("maps").single().task)
                    assertFailsWith<TransferException.UnknownTask> { inspector.explain("maps", 999) }
                }
            }
        }

    @Test
    fun `a folder without a store cannot be read`() =
        withFixture { fixture ->
            // rule E3
            assertFailsWith<TransferException.Store> { Inspector(fixture.container.resolve("nothing")) }
        }

    @Test
    fun `a closed inspector says so`() =
        withFixture { fixture ->
            // rule E3
            Session(fixture.background("maps"), Recorder()).close()
            val inspector = Inspector(fixture.container)
            repeat(2) { inspector.close() }
            assertFailsWith<TransferException> { inspector.sessionIdentifiers() }
        }
}
