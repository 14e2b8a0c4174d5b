package dev.backhaul

import dev.backhaul.ffi.PlatformTransport
import dev.backhaul.ffi.TransportCapabilities
import kotlin.time.Duration
import dev.backhaul.ffi.Transfer as GeneratedTransfer
import dev.backhaul.ffi.TransferEvents as GeneratedTransferEvents

/**
 * Moves bytes for a session, in place of the built-in HTTP: the seam to a platform's own transfer service. Status,
 * length and digest are judged by the library, and files are put at their destinations by it.
 *
 * Methods are called from one thread, the one that every session runs on: they must not block, and must not call a
 * session. They answer through the [TransferEvents] that [attach] gave.
 */
public interface Transport {
    /** Transfers go on while no process of the app lives: their events may come later. Asked once, before [attach]. */
    public val outlivesProcess: Boolean

    /** The most transfers that it should hold at a time, if there is such a number. Asked once, before [attach]. */
    public val window: Int?

    /**
     * Where events go. Called once; events of transfers that an earlier process started may be sent once this
     * returns.
     */
    public fun attach(events: TransferEvents)

    /** Starts a transfer. Starting one that already runs does nothing. One that throws is a failed attempt. */
    public fun start(transfer: Transfer)

    /**
     * Stops a transfer. Answered by [TransferEvents.stopped] unless another last event is on its way; for an unknown
     * one too.
     */
    public fun stop(id: TransferId)

    /** Asks which transfers the service holds, of whichever process. Answered once by [TransferEvents.listed]. */
    public fun list()

    /**
     * The end of a task is on record: what is kept of its transfers, received bodies and resume data, is of no more
     * use. Not answered.
     */
    public fun forget(task: Long) {}
}

/**
 * Everything that a transport needs to know to move one file.
 *
 * @property id its name.
 * @property url what to fetch.
 * @property headers the request's fields, the session's additional ones already among them.
 * @property secretHeaders names of fields that never cross to another origin.
 * @property expectedSize the exact length, if the app knows it.
 * @property expectedDigest the digest, if the app knows it.
 * @property timeoutForRequest how long it may go without a byte.
 * @property statusPolicy which answers are files.
 * @property resumePolicy when it may go on without a strong validator.
 * @property asksAboutRedirects whether the delegate is asked about redirects.
 * @property isDiscretionary whether the platform may choose the time.
 * @property allowsCellular whether it may use a mobile network.
 * @property allowsExpensive whether it may use a network that costs money by volume.
 * @property allowsConstrained whether it may use a network on which the user wants little traffic.
 * @property destination where the file will lie in the end: an absolute path. The library puts it there.
 */
public data class Transfer(
    public val id: TransferId,
    public val url: String,
    public val headers: List<Header>,
    public val secretHeaders: List<String>,
    public val expectedSize: Long?,
    public val expectedDigest: Digest?,
    public val timeoutForRequest: Duration,
    public val statusPolicy: StatusPolicy,
    public val resumePolicy: ResumePolicy,
    public val asksAboutRedirects: Boolean,
    public val isDiscretionary: Boolean,
    public val allowsCellular: Boolean,
    public val allowsExpensive: Boolean,
    public val allowsConstrained: Boolean,
    public val destination: String,
)

private fun GeneratedTransfer.imported() =
    Transfer(
        id.imported(),
        url,
        headers.map { it.imported() },
        secretHeaders,
        expectedSize?.toCount(),
        expectedDigest?.imported(),
        timeoutForRequest.imported(),
        statusPolicy.mirrored(),
        resumePolicy.mirrored(),
        asksAboutRedirects,
        isDiscretionary,
        allowsCellular,
        allowsExpensive,
        allowsConstrained,
        destination,
    )

internal class TransportAdapter(
    private val transport: Transport,
) : PlatformTransport {
    override fun capabilities() =
        guarded { TransportCapabilities(transport.outlivesProcess, transport.window?.exported("window")) }

    override fun attach(events: GeneratedTransferEvents) {
        guarded { transport.attach(TransferEvents(events)) }
    }

    override fun start(transfer: GeneratedTransfer) {
        guarded { transport.start(transfer.imported()) }
    }

    override fun stop(id: GeneratedTransferId) {
        guarded { transport.stop(id.imported()) }
    }

    override fun list() {
        guarded { transport.list() }
    }

    override fun forget(task: Long) {
        guarded { transport.forget(task) }
    }
}
