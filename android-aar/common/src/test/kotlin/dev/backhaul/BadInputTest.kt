package dev.backhaul

import org.junit.jupiter.api.Test
import java.nio.file.Paths
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotNull
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.Instant

class BadInputTest {
    @Test
    fun `an identifier is neither empty nor too long`() {
        // rule S1
        for (identifier in listOf("", "  ", "x".repeat(1025))) {
            assertFailsWith<TransferException.InvalidIdentifier> { SessionConfiguration.background(identifier) }
            assertFailsWith<TransferException.InvalidIdentifier> { SessionConfiguration.watch(identifier) }
        }
        assertEquals("x".repeat(1024), SessionConfiguration.background("x".repeat(1024)).identifier)
    }

    @Test
    fun `what is wrong with a request is said before anything is written`() =
        withFixture { fixture ->
            // rule C2
            Session(fixture.background(), Recorder()).use { session ->
                suspend fun refused(request: Request) =
                    assertFailsWith<TransferException> { session.downloadTask(request) }.kind

                val url = fixture.serve("a")
                assertEquals("invalid_url", refused(Request("")))
                assertEquals("invalid_url", refused(Request("maps/alps.zip")))
                assertEquals("unsupported_scheme", refused(Request("file:///etc/passwd")))
                assertEquals("plain_http_not_allowed", refused(Request("http://example.com/a")))
                assertEquals("invalid_header", refused(Request(url, headers = listOf(Header("A\r\nB", "c")))))
                assertEquals("invalid_header", refused(Request(url, headers = listOf(Header("A", "c\r\nB: d")))))
                assertEquals(
                    "secret_not_storable",
                    refused(Request(url, headers = listOf(Header("Authorization", "x")))),
                )
                assertEquals("invalid_destination", refused(Request(url, Destination.container("../a"))))
                assertEquals("invalid_destination", refused(Request(url, Destination.container("/etc/passwd"))))
                assertEquals("invalid_destination", refused(Request(url, Destination("nowhere", "a"))))
                assertEquals("invalid_request", refused(Request(url, expectedDigest = Digest.sha256("xyz"))))
                assertEquals("invalid_request", refused(Request(url, expectedSize = -1)))
                assertEquals("invalid_request", refused(Request(url, countOfBytesClientExpectsToReceive = -1)))
                assertEquals("unknown_task", refused(Request(url, after = listOf(999))))
                assertEquals(emptyList(), session.tasks())
            }
        }

    @Test
    fun `two tasks cannot write one file`() =
        withFixture { fixture ->
            // rule C2
            Session(fixture.background(), Recorder()).use { session ->
                session.downloadTask(Request(fixture.serve("a"), Destination.container("same")))
                assertFailsWith<TransferException.DestinationInUse> {
                    session.downloadTask(Request(fixture.serve("b"), Destination.container("same")))
                }
            }
        }

    @Test
    fun `a file outside every base directory is no destination`() =
        withFixture { fixture ->
            // rule D5
            val configuration = fixture.background()
            configuration.baseDirectories =
                mapOf("maps" to fixture.container.resolve("maps"), "all" to fixture.container)
            val inside = fixture.container.resolve("maps/eu/alps.zip")
            assertEquals(Destination("maps", "eu/alps.zip"), configuration.destination(inside))
            assertEquals(Destination("all", "b"), configuration.destination(fixture.container.resolve("maps/../b")))
            assertEquals(Destination.container("a"), configuration.destination(fixture.folder.resolve("a")))
            configuration.baseDirectories = emptyMap()
            assertFailsWith<TransferException.InvalidDestination> { configuration.destination(inside) }
            assertFailsWith<TransferException.InvalidDestination> { configuration.destination(fixture.folder) }
            assertFailsWith<TransferException.InvalidDestination> {
                configuration.destination(
                    Paths.get("/etc/passwd"),
                )
            }
        }

    @Test
    fun `a base directory must be absolute`() =
        withFixture { fixture ->
            // rule D5
            val configuration = fixture.background().apply { baseDirectories = mapOf("maps" to Paths.get("maps")) }
            assertFailsWith<TransferException.InvalidDestination> { Session(configuration, Recorder()) }
        }

    @Test
    fun `numbers and durations of a configuration must not be negative`() =
        withFixture { fixture ->
            // rule C2
            val mistakes =
                listOf<(SessionConfiguration) -> Unit>(
                    { it.timeoutForRequest = (-1).seconds },
                    { it.timeoutForResource = -Duration.INFINITE },
                    { it.maximumConnectionsPerHost = -1 },
                    { it.maximumConcurrentTransfers = -1 },
                    { it.maximumTransfersPerGroup = -1 },
                    { it.bandwidthLimit = -1 },
                    { it.retryPolicy = RetryPolicy(base = (-1).seconds) },
                )
            for (mistake in mistakes) {
                val configuration = fixture.foreground().also(mistake)
                val error = assertFailsWith<TransferException.InvalidRequest> { Session(configuration) }
                assertNotNull(error.message)
            }
        }

    @Test
    fun `for ever is a time like any other`() =
        withFixture { fixture ->
            // rule C2
            val configuration = fixture.background().apply { timeoutForResource = Duration.INFINITE }
            Session(configuration, Recorder()).use { session ->
                assertNotNull(session.enqueue(Request(fixture.serve("a"))).await())
                val late = Request(fixture.serve("b"), earliestBeginDate = Instant.DISTANT_FUTURE)
                val task = session.enqueue(late)
                assertEquals(TaskState.Waiting(WaitReason.EarliestBeginDate), task.info().state)
                val early = Request(fixture.serve("c"), earliestBeginDate = Instant.DISTANT_PAST)
                assertNotNull(session.enqueue(early).await())
            }
        }

    @Test
    fun `a certificate that is none is refused`() =
        withFixture { fixture ->
            // rule T6
            val configuration = fixture.foreground().apply { rootCertificates = listOf("no certificate") }
            assertFailsWith<TransferException.InvalidRequest> { Session(configuration) }
        }

    @Test
    fun `pages have limits that are numbers`() =
        withFixture { fixture ->
            // rule P9
            Session(fixture.background(), Recorder()).use { session ->
                assertFailsWith<TransferException.InvalidRequest> { session.tasks(limit = -1) }
                assertFailsWith<TransferException.InvalidRequest> { session.journal(limit = -1) }
            }
        }
}
