package dev.backhaul

import java.nio.file.Files
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.TimeUnit
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.milliseconds

/** A platform's transfer service, as far as a test moves it. */
class Service(
    override val outlivesProcess: Boolean = false,
    private val onStart: Service.(Transfer) -> Unit = {},
) : Transport {
    override val window: Int? = null
    val events = CompletableFuture<TransferEvents>()
    val started = ConcurrentHashMap<TransferId, Transfer>()

    fun tell(): TransferEvents = events.get(PATIENCE.inWholeSeconds, TimeUnit.SECONDS)

    override fun attach(events: TransferEvents) {
        this.events.complete(events)
    }

    override fun start(transfer: Transfer) {
        started[transfer.id] = transfer
        onStart(transfer)
    }

    override fun stop(id: TransferId) = tell().stopped(id, METRICS, 0)

    override fun list() = tell().listed(started.keys.toList())

    fun finish(
        transfer: Transfer,
        text: String,
    ) {
        begin(transfer, text.length.toLong())
        end(transfer, text)
    }

    /** The head of the answer is here. */
    fun begin(
        transfer: Transfer,
        length: Long,
    ) = tell().responded(transfer.id, answer(transfer), 0, length)

    /** The body is here. */
    fun end(
        transfer: Transfer,
        text: String,
    ) {
        val file = Files.createTempFile("service", ".part").also { it.writeText(text) }
        tell().finished(transfer.id, file, text.length.toLong(), answer(transfer), METRICS)
    }

    companion object {
        val METRICS = TaskMetrics(1.milliseconds, 2.milliseconds, 5, 0, 1, 0, "HTTP/1.1", null)

        fun answer(
            transfer: Transfer,
            status: Int = 200,
        ) = Response(transfer.url, status, "HTTP/1.1", listOf(Header("X-From", "service")), ByteArray(0), null)
    }
}
