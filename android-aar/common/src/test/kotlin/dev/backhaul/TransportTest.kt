package dev.backhaul

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import org.junit.jupiter.api.Test
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.io.path.readText
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlin.time.Duration

class TransportTest {
    private val url = "https://example.com/a"

    private fun Fixture.over(service: Service): BackgroundConfiguration = background().apply { transport = service }

    @Test
    fun `a transport of the app moves the bytes`() =
        withFixture { fixture ->
            // rule D2
            val service = Service { finish(it, "hello") }
            Session(fixture.over(service), Recorder()).use { session ->
                val task = session.enqueue(Request(url, headers = listOf(Header("X-One", "1")), expectedSize = 5))
                val file = task.await()
                assertEquals("hello", file.location.readText())
                assertEquals("service", file.response?.header("x-from"))
                val transfer = service.started.values.single()
                assertEquals(url, transfer.url)
                assertEquals("1", transfer.headers.first { it.name.equals("X-One", ignoreCase = true) }.value)
                assertEquals(file.location.toString(), transfer.destination)
                assertEquals(transfer.id, TransferId.parse(transfer.id.toString()))
                assertEquals(null, TransferId.parse("not ours"))
            }
        }

    @Test
    fun `what a transport brings is judged`() =
        withFixture { fixture ->
            // rule H6
            val service = Service { finish(it, "short") }
            Session(fixture.over(service), Recorder()).use { session ->
                val task = session.enqueue(Request(url, expectedSize = 6))
                assertFailsWith<TransferException.SizeMismatch> { task.await() }
            }
        }

    @Test
    fun `a transport that throws is a failed attempt`() =
        withFixture { fixture ->
            // rule H1
            val service =
                Service { transfer ->
                    if (started.size == 1) throw AssertionError("a mistake") else finish(transfer, "again")
                }
            Session(fixture.over(service), Recorder()).use { session ->
                val task = session.enqueue(Request(url))
                assertFailsWith<TransferException.System> { task.await() }
                assertEquals(
                    "again",
                    session
                        .enqueue(Request(url, Destination.container("b")))
                        .await()
                        .location
                        .readText(),
                )
            }
        }

    @Test
    fun `a transport asks about redirects and tells how it fares`() =
        withFixture { fixture ->
            // rule H3
            val decision = CompletableFuture<Boolean>()
            val service =
                Service { transfer ->
                    tell().redirecting(transfer.id, Service.answer(transfer, 302), "https://example.com/b") { follow ->
                        decision.complete(follow)
                    }
                }
            val configuration = fixture.foreground().apply { transport = service }
            val recorder = Recorder()
            Session(configuration, recorder).use { session ->
                val task = session.enqueue(Request(url))
                val waiting = async(Dispatchers.IO) { task.await() }
                assertTrue(decision.get(PATIENCE.inWholeSeconds, TimeUnit.SECONDS))
                val transfer = service.started.values.single()
                with(service.tell()) {
                    responded(transfer.id, Service.answer(transfer), 0, 10)
                    progressed(transfer.id, 5, 10, 5)
                    restarted(transfer.id, RestartReason.RANGE_IGNORED, 5)
                }
                service.finish(transfer, "whole text")
                assertEquals("whole text", waiting.await().location.readText())
                assertTrue(recorder.events.any { it is SessionEvent.Restarted && it.discarded == 5L })
            }
        }

    @Test
    fun `an attempt of a transport that fails is made again when the server wants`() =
        withFixture { fixture ->
            // rule H2
            val service =
                Service { transfer ->
                    if (transfer.id.attempt == 1) {
                        tell().failed(transfer.id, false, "nobody answered", Duration.ZERO, Service.METRICS, 0)
                    } else {
                        finish(transfer, "at last")
                    }
                }
            Session(fixture.over(service), Recorder()).use { session ->
                val task = session.enqueue(Request(url))
                assertEquals("at last", task.await().location.readText())
                assertEquals(2, task.explain().attemptCount)
            }
        }

    @Test
    fun `a transfer without a task is cancelled and reported`() =
        withFixture { fixture ->
            // rule W5
            val service = Service(outlivesProcess = true)
            val stranger = TransferId(77, 1)
            service.started[stranger] =
                Transfer(
                    stranger,
                    url,
                    emptyList(),
                    emptyList(),
                    null,
                    null,
                    Duration.ZERO,
                    StatusPolicy.ANY,
                    ResumePolicy.STRICT,
                    asksAboutRedirects = false,
                    isDiscretionary = false,
                    allowsCellular = true,
                    allowsExpensive = true,
                    allowsConstrained = true,
                    destination = "",
                )
            val recorder = Recorder()
            Session(fixture.over(service), recorder).use {
                recorder.await { events -> SessionEvent.UnknownTransferCancelled(stranger) in events }
            }
        }

    @Test
    fun `what a force-quit ended is reported`() =
        withFixture { fixture ->
            // rule W6
            val service = Service(outlivesProcess = true)
            Session(fixture.over(service), Recorder()).use { session ->
                session.enqueue(Request(url))
                eventually("it was started") { service.started.isNotEmpty() }
            }
            val recorder = Recorder()
            BackgroundSessions
                .launch(fixture.container, previousExit = PreviousExit.FORCE_QUIT) {
                    SessionLaunch(fixture.over(Service(outlivesProcess = true)), recorder)
                }.use {
                    assertIs<TransferException.UserForceQuit>(recorder.awaitEnds().single().error)
                    assertFalse(recorder.events.any { it is SessionEvent.DownloadFinished })
                }
        }
}
