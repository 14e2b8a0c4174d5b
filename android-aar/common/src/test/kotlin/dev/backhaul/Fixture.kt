package dev.backhaul

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** A container on disk and the shared server. */
class Fixture : AutoCloseable {
    val server: FaultServer = FaultServer.shared
    val container: Path = Files.createTempDirectory("backhaul-kotlin-")

    /** Where files go. */
    val folder: Path = container.resolve("files")

    private val number = counter.incrementAndGet()

    /** A name on the server that is this test's alone. */
    fun name(text: String): String = "$number-$text"

    /** Puts an object, and gives its URL with what else is asked for. */
    fun serve(
        text: String,
        size: Long = 100_000,
        query: String = "",
    ): String {
        server.put(name(text), size)
        return server.url(name(text), query)
    }

    /** The bytes that were served. */
    fun bytes(text: String): ByteArray = server.bytes(name(text))

    /** A background configuration for this server, in a hurry. */
    fun background(identifier: String = "test"): BackgroundConfiguration =
        SessionConfiguration.background(identifier).also {
            furnish(it)
            it.isDiscretionary = false
        }

    /** A default configuration for this server. */
    fun foreground(): ForegroundConfiguration = SessionConfiguration.default().also(::furnish)

    private fun furnish(configuration: SessionConfiguration) {
        configuration.container = container
        configuration.plainHttpHosts = setOf("127.0.0.1")
        configuration.retryPolicy = RetryPolicy(20.milliseconds, 200.milliseconds)
    }

    override fun close() {
        container.deleteWhileClosing()
    }

    private companion object {
        val counter = AtomicInteger()
    }
}

/** Runs a test with a fixture, within [limit]. */
fun withFixture(
    limit: Duration = PATIENCE,
    test: suspend CoroutineScope.(Fixture) -> Unit,
): Unit = Fixture().use { fixture -> runBlocking { withTimeout(limit) { test(fixture) } } }
