package dev.backhaul

import org.junit.jupiter.api.Test
import kotlin.io.path.readBytes
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

class DownloadTest {
    @Test
    fun `a download is told in order and lies where it was asked for`() =
        withFixture { fixture ->
            // rule L1
            val recorder = Recorder()
            Session(fixture.background(), recorder).use { session ->
                val destination = Destination.container("maps/alps.zip")
                val task = session.downloadTask(Request(fixture.serve("alps"), destination, callerId = "alps"))
                assertEquals(TaskState.Suspended, task.info().state)
                task.resume()
                val end = recorder.awaitEnds().single()

                assertNull(end.error)
                assertEquals(TaskState.Completed, end.task.state)
                assertEquals("alps", end.task.callerId)
                val kinds =
                    recorder.events
                        .filter { it is SessionEvent.OfTask }
                        .map { it::class.simpleName }
                        .distinct()
                val order =
                    listOf(
                        "TaskCreated",
                        "ResponseReceived",
                        "DataWritten",
                        "MetricsCollected",
                        "DownloadFinished",
                        "TaskCompleted",
                    )
                assertEquals(order, kinds)
                val file =
                    recorder.events
                        .filterIsInstance<SessionEvent.DownloadFinished>()
                        .single()
                        .file
                assertEquals(fixture.folder.resolve("maps/alps.zip"), file.location)
                assertEquals(100_000, file.length)
                assertEquals(200, file.response?.status)
                assertContentEquals(fixture.bytes("alps"), file.location.readBytes())
            }
        }

    @Test
    fun `download waits for the file`() =
        withFixture { fixture ->
            // rule S6
            Session(fixture.foreground()).use { session ->
                val file = session.download(Request(fixture.serve("a", 10_000)))
                assertContentEquals(fixture.bytes("a"), file.location.readBytes())
            }
        }

    @Test
    fun `awaiting a task that ended before gives its file`() =
        withFixture { fixture ->
            // rule D4
            val recorder = Recorder()
            Session(fixture.background(), recorder).use { session ->
                val task = session.enqueue(Request(fixture.serve("a", 10_000)))
                recorder.awaitEnds()
                val file = task.await()
                assertEquals(10_000, file.length)
                assertEquals(200, file.response?.status)
                assertEquals(file.location, task.file()?.location)
            }
        }

    @Test
    fun `a failure carries its status, headers and body`() =
        withFixture { fixture ->
            // rule H5
            Session(fixture.foreground()).use { session ->
                val url = fixture.serve("a", query = "fault=error-body&status=404&bytes=1000")
                val error = assertFailsWith<TransferException.HttpStatus> { session.download(Request(url)) }
                assertEquals("http_status", error.kind)
                val response = assertNotNull(error.response)
                assertEquals(404, response.status)
                assertEquals(1000, response.body.size)
                assertNotNull(response.header("CONTENT-length"))
                assertTrue("?" !in error.message.orEmpty())
            }
        }

    @Test
    fun `with the policy of URLSession a 404 is a file`() =
        withFixture { fixture ->
            // rule H5
            val configuration = fixture.foreground().apply { statusPolicy = StatusPolicy.ANY }
            Session(configuration).use { session ->
                val file = session.download(Request(fixture.serve("a", query = "fault=error-body&status=404&bytes=10")))
                assertEquals(404, file.response?.status)
                assertEquals(10, file.length)
            }
        }

    @Test
    fun `a wrong digest is an error and a right one is not`() =
        withFixture { fixture ->
            // rule H6
            val url = fixture.serve("a", 5_000)
            val hash =
                java.security.MessageDigest
                    .getInstance("SHA-256")
                    .digest(fixture.bytes("a"))
            val hex = hash.joinToString("") { "%02x".format(it) }
            Session(fixture.foreground()).use { session ->
                val right = Request(url, Destination.container("right"), expectedDigest = Digest.sha256(hex))
                assertEquals(5_000, session.download(right).length)
                val wrong =
                    Request(url, Destination.container("wrong"), expectedDigest = Digest.sha512("0".repeat(128)))
                assertFailsWith<TransferException.DigestMismatch> { session.download(wrong) }
                val short = Request(url, Destination.container("short"), expectedSize = 4_999)
                assertFailsWith<TransferException.SizeMismatch> { session.download(short) }
            }
        }

    @Test
    fun `the delegate decides about redirects`() =
        withFixture { fixture ->
            // rule H3
            val url = fixture.serve("a", 1_000, "fault=redirect-to-target")
            val recorder = Recorder()
            Session(fixture.foreground(), recorder).use { session ->
                val followed = session.download(Request(url, Destination.container("followed")))
                assertEquals(1_000, followed.length)
                recorder.follows = false
                val request = Request(url, Destination.container("refused"))
                val refused = assertFailsWith<TransferException.HttpStatus> { session.download(request) }
                assertEquals(302, refused.response?.status)
            }
        }

    @Test
    fun `a connection that breaks is continued, and explained`() =
        withFixture { fixture ->
            // rule E1
            val recorder = Recorder()
            Session(fixture.background(), recorder).use { session ->
                val url = fixture.serve("a", 3_000_000, "fault=reset-after&bytes=2000000")
                val task = session.enqueue(Request(url))
                recorder.await { events -> events.any { it is SessionEvent.ResumedAtOffset } }
                recorder.awaitEnds()
                val explanation = task.explain()
                assertTrue(explanation.attemptCount >= 2)
                assertTrue(explanation.attempts.first().received > 0)
                assertNull(explanation.unblockedBy)
                assertContentEquals(fixture.bytes("a"), task.await().location.readBytes())
            }
        }

    @Test
    fun `what was thrown away is told`() =
        withFixture { fixture ->
            // rule R7
            val recorder = Recorder()
            Session(fixture.background(), recorder).use { session ->
                val name = fixture.name("a")
                val task = session.enqueue(Request(fixture.serve("a", 4_000_000, "rate=1000000")))
                recorder.await { events -> events.any { it is SessionEvent.DataWritten } }
                task.suspend()
                fixture.server.put(name, 50_000, seed = 2)
                task.resume()
                recorder.awaitEnds()
                val restart = recorder.events.filterIsInstance<SessionEvent.Restarted>().first()
                assertEquals(RestartReason.OBJECT_CHANGED, restart.reason)
                assertTrue(restart.discarded > 0)
                assertContentEquals(fixture.server.bytes(name), task.await().location.readBytes())
            }
        }

    @Test
    fun `metrics say what a task cost`() =
        withFixture { fixture ->
            // rule H8
            val recorder = Recorder()
            Session(fixture.foreground(), recorder).use { session ->
                session.download(Request(fixture.serve("a", 20_000)))
                val metrics =
                    recorder.events
                        .filterIsInstance<SessionEvent.MetricsCollected>()
                        .single()
                        .metrics
                assertEquals(20_000, metrics.received)
                assertEquals(1, metrics.attempts)
                assertEquals("HTTP/1.1", metrics.httpVersion)
                assertTrue(metrics.duration >= metrics.firstByte)
                assertIs<String>(metrics.remoteAddress)
            }
        }
}
