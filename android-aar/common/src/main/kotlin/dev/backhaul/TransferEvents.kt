package dev.backhaul

import dev.backhaul.ffi.ErrorKind
import dev.backhaul.ffi.RedirectAnswer
import java.nio.file.Path
import kotlin.time.Duration
import dev.backhaul.ffi.TransferEvents as GeneratedTransferEvents

/**
 * Receives a [Transport]'s events. Any thread; returns at once. The last event of a transfer is [finished], [failed] or
 * [stopped].
 */
public class TransferEvents internal constructor(
    private val generated: GeneratedTransferEvents,
) {
    /**
     * The server points elsewhere. Only where the transfer asks about redirects; [decided] is called once, on any
     * thread.
     */
    public fun redirecting(
        id: TransferId,
        response: Response,
        url: String,
        decided: (follow: Boolean) -> Unit,
    ) {
        val answer =
            object : RedirectAnswer {
                override fun decided(follow: Boolean): Unit = guarded { decided.invoke(follow) }
            }
        calling { generated.redirecting(id.exported(), response.exported(), url, answer) }
    }

    /** An answer that will be used began: at byte 0, or further on. */
    public fun responded(
        id: TransferId,
        response: Response,
        offset: Long,
        total: Long?,
    ): Unit =
        calling {
            generated.responded(id.exported(), response.exported(), offset.exported("offset"), total?.exported("total"))
        }

    /** What was received is thrown away, and the transfer begins again at byte 0. */
    public fun restarted(
        id: TransferId,
        reason: RestartReason,
        discarded: Long,
    ): Unit = calling { generated.restarted(id.exported(), reason.mirrored(), discarded.exported("discarded")) }

    /** Bytes came. */
    public fun progressed(
        id: TransferId,
        received: Long,
        total: Long?,
        networkBytes: Long,
    ): Unit =
        calling {
            generated.progressed(
                id.exported(),
                received.exported("received"),
                total?.exported("total"),
                networkBytes.exported("networkBytes"),
            )
        }

    /**
     * The body lies whole in a file of the platform's, which is the library's from now on: it must not go away by
     * itself.
     */
    public fun finished(
        id: TransferId,
        file: Path,
        length: Long,
        response: Response,
        metrics: TaskMetrics,
    ): Unit =
        calling {
            generated.finished(
                id.exported(),
                file.toString(),
                length.exported("length"),
                response.exported(),
                metrics.exported(),
            )
        }

    /**
     * The attempt failed for a reason that the network has: [isConnected] says whether there was a connection. With a
     * sentence for people that holds neither user-info nor query values of a URL; [received] bytes stay. [retryAfter]
     * is when the server wants to be asked again.
     */
    public fun failed(
        id: TransferId,
        isConnected: Boolean,
        reason: String,
        retryAfter: Duration?,
        metrics: TaskMetrics,
        received: Long,
    ): Unit =
        calling {
            generated.failed(
                id.exported(),
                if (isConnected) ErrorKind.CONNECTION_LOST else ErrorKind.CANNOT_CONNECT,
                reason,
                retryAfter?.exported("retryAfter"),
                metrics.exported(),
                received.exported("received"),
            )
        }

    /** It was stopped as asked; [received] bytes stay. */
    public fun stopped(
        id: TransferId,
        metrics: TaskMetrics,
        received: Long,
    ): Unit = calling { generated.stopped(id.exported(), metrics.exported(), received.exported("received")) }

    /** The answer to [Transport.list]. */
    public fun listed(transfers: List<TransferId>): Unit = calling { generated.listed(transfers.map { it.exported() }) }
}

private fun TaskMetrics.exported() =
    GeneratedTaskMetrics(
        firstByte.exported("firstByte"),
        duration.exported("duration"),
        received.exported("received"),
        discarded.exported("discarded"),
        attempts.exported("attempts"),
        redirects.exported("redirects"),
        httpVersion,
        remoteAddress,
    )
