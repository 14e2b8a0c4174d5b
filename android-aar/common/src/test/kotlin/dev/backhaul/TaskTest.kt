package dev.backhaul

import kotlinx.coroutines.flow.toList
import org.junit.jupiter.api.Test
import kotlin.io.path.readBytes
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

class TaskTest {
    /** A URL whose transfer takes longer than any test. */
    private fun Fixture.slow(name: String) = serve(name, 50_000_000, "rate=500000")

    @Test
    fun `resume, suspend and cancel may be called any number of times`() =
        withFixture { fixture ->
            // rule L4
            val recorder = Recorder()
            Session(fixture.background(), recorder).use { session ->
                val task = session.downloadTask(fixture.slow("a"))
                repeat(2) { task.resume() }
                recorder.await { events -> events.any { it is SessionEvent.DataWritten } }
                repeat(2) { task.suspend() }
                assertEquals(TaskState.Suspended, task.info().state)
                repeat(2) { task.cancel() }
                assertIs<TransferException.Cancelled>(recorder.awaitEnds().single().error)
                assertFailsWith<TransferException.Cancelled> { task.await() }
            }
        }

    @Test
    fun `resume data lets another task go on`() =
        withFixture { fixture ->
            // rule L4
            val recorder = Recorder()
            Session(fixture.background(), recorder).use { session ->
                val task = session.enqueue(Request(fixture.serve("a", 3_000_000, "rate=1000000")))
                recorder.await { events ->
                    events.any { it is SessionEvent.DataWritten && it.progress.received > 100_000 }
                }
                val data = assertNotNull(task.cancelByProducingResumeData())
                val next = session.downloadTaskWithResumeData(ResumeData(data.text))
                next.resume()
                assertContentEquals(fixture.bytes("a"), next.await().location.readBytes())
                val resumed = recorder.events.filterIsInstance<SessionEvent.ResumedAtOffset>().single()
                assertEquals(next.id, resumed.task.id)
                assertTrue(resumed.offset > 0)
            }
        }

    @Test
    fun `resume data from elsewhere is refused`() =
        withFixture { fixture ->
            // rule T7
            Session(fixture.background(), Recorder()).use { session ->
                for (text in listOf("", "no such data", "bh1.AAAA", "\u0000")) {
                    assertFailsWith<TransferException.InvalidResumeData> {
                        session.downloadTaskWithResumeData(ResumeData(text))
                    }
                }
                Fixture().use { elsewhere ->
                    val recorder = Recorder()
                    Session(elsewhere.background(), recorder).use { other ->
                        val task = other.enqueue(Request(elsewhere.slow("b")))
                        recorder.await { events -> events.any { it is SessionEvent.DataWritten } }
                        val data = assertNotNull(task.cancelByProducingResumeData())
                        assertFailsWith<TransferException.InvalidResumeData> {
                            session.downloadTaskWithResumeData(
                                data,
                            )
                        }
                    }
                }
            }
        }

    @Test
    fun `the same caller id gives the same task`() =
        withFixture { fixture ->
            // rule L5
            Session(fixture.background(), Recorder()).use { session ->
                val url = fixture.serve("a")
                val first = session.downloadTask(Request(url, callerId = "alps"))
                assertEquals(first, session.downloadTask(Request(url, callerId = "alps")))
                assertEquals(first, session.taskWithCallerId("alps"))
                assertNull(session.taskWithCallerId("urals"))
                assertEquals(first, session.task(first.id))
                assertFailsWith<TransferException.UnknownTask> { session.task(999_999) }
            }
        }

    @Test
    fun `everything that a request says comes back`() =
        withFixture { fixture ->
            // rule L3
            Session(fixture.background(), Recorder()).use { session ->
                val request =
                    Request(
                        fixture.serve("a"),
                        Destination.container("x/y"),
                        callerId = "id",
                        metadata = "free text",
                        group = "maps",
                        priority = 0.75f,
                        headers = listOf(Header("X-One", "1")),
                    )
                val task = session.downloadTask(request)
                val info = task.info()
                assertEquals(request.destination, info.destination)
                assertEquals("free text", info.metadata)
                assertEquals("maps", info.group)
                assertEquals(0.75f, info.priority)
                assertEquals(request.url, info.url)
                task.setMetadata("other text")
                assertEquals("other text", task.info().metadata)
                session.setMetadata(listOf(task.id), "third text")
                assertEquals("third text", task.info().metadata)
            }
        }

    @Test
    fun `many tasks are made at once and read page by page`() =
        withFixture { fixture ->
            // rule D1
            Session(fixture.background(), Recorder()).use { session ->
                val url = fixture.serve("a", 100)
                val requests = List(2_500) { Request(url, Destination.container("many/$it")) }
                val tasks = session.downloadTasks(requests)
                assertEquals(2_500, tasks.toSet().size)
                assertEquals(1_000, session.tasks().size)
                assertEquals(tasks.map { it.id }, session.allTasks().toList().map { it.id })
                assertEquals(2_500, session.status.suspended)
            }
        }

    @Test
    fun `all tasks of one call are made or none`() =
        withFixture { fixture ->
            // rule D1
            Session(fixture.background(), Recorder()).use { session ->
                val requests = listOf(Request(fixture.serve("a")), Request("ftp://example.com/b"))
                assertFailsWith<TransferException.UnsupportedScheme> { session.enqueue(requests) }
                assertEquals(emptyList(), session.tasks())
            }
        }

    @Test
    fun `a plan advances in its order and a failed step fails what comes after`() =
        withFixture { fixture ->
            // rule L6
            val recorder = Recorder()
            Session(fixture.background(), recorder).use { session ->
                val plan = Plan()
                val first = plan.add(Request(fixture.serve("1", 1_000)))
                val second = plan.add(Request(fixture.serve("2", 1_000, "fault=error-body&status=404")), first)
                plan.add(Request(fixture.serve("3", 1_000)), first, second)
                val tasks = session.enqueue(plan)
                val ends = recorder.awaitEnds(3).associateBy { it.task.id }
                assertNull(ends.getValue(tasks[0].id).error)
                assertIs<TransferException.HttpStatus>(ends.getValue(tasks[1].id).error)
                assertIs<TransferException.DependencyFailed>(ends.getValue(tasks[2].id).error)
                assertFailsWith<TransferException.InvalidRequest> {
                    Plan().add(
                        Request("https://example.com/a"),
                        first,
                    )
                }
            }
        }

    @Test
    fun `a task that comes after another waits for it`() =
        withFixture { fixture ->
            // rule P1
            Session(fixture.background(), Recorder()).use { session ->
                val first = session.downloadTask(fixture.serve("1"))
                val second = session.enqueue(Request(fixture.serve("2"), after = listOf(first.id)))
                val explanation = second.explain()
                assertEquals(TaskState.Waiting(WaitReason.Dependency), explanation.task.state)
                assertEquals(listOf(first.id), explanation.after)
                assertTrue(explanation.unblockedBy.orEmpty().startsWith(WaitReason.Dependency.unblockedBy))
            }
        }

    @Test
    fun `completed tasks can be forgotten`() =
        withFixture { fixture ->
            // rule D4
            val recorder = Recorder()
            Session(fixture.background(), recorder).use { session ->
                val task = session.enqueue(Request(fixture.serve("a")))
                val file = task.await()
                recorder.await { events -> events.any { it is SessionEvent.EventsFinished } }
                val event = session.journal().single()
                assertEquals(task.id, event.task)
                assertEquals(100_000, event.length)
                assertTrue(event.isAcknowledged)
                assertEquals(emptyList(), session.journal(event.sequence))
                session.forget(listOf(task.id))
                assertFailsWith<TransferException.UnknownTask> { task.info() }
                assertEquals(100_000, file.location.readBytes().size)
            }
        }
}
