package dev.backhaul

import kotlin.time.Duration
import kotlin.time.Instant
import kotlin.time.toJavaDuration
import dev.backhaul.ffi.TaskState as GeneratedTaskState

/** The life of a task. */
public sealed class TaskState {
    /** Not started, or paused. */
    public data object Suspended : TaskState()

    /** Running: bytes move, or are being made durable. */
    public data object Transferring : TaskState()

    /**
     * Running, but held back.
     *
     * @property reason why.
     */
    public data class Waiting(
        public val reason: WaitReason,
    ) : TaskState()

    /** Cancelled, and not yet wound down. */
    public data object Canceling : TaskState()

    /** Ended: finished, failed or cancelled. */
    public data object Completed : TaskState()
}

internal fun GeneratedTaskState.imported(): TaskState =
    when (this) {
        GeneratedTaskState.Suspended -> TaskState.Suspended
        GeneratedTaskState.Transferring -> TaskState.Transferring
        is GeneratedTaskState.Waiting -> TaskState.Waiting(reason.imported())
        GeneratedTaskState.Canceling -> TaskState.Canceling
        GeneratedTaskState.Completed -> TaskState.Completed
    }

/**
 * What an app sees of a task: a copy, taken at one moment.
 *
 * @property id its number.
 * @property callerId the app's own name for it (rule L5).
 * @property metadata the app's free text (rule L3).
 * @property group the app's tag for several tasks (rule L3).
 * @property url what it fetches, as given.
 * @property destination where the file will lie.
 * @property state where it stands.
 * @property priority 0.0 to 1.0.
 * @property received bytes in the part file or the finished file.
 * @property total the whole length, once known.
 * @property deadline when it fails for taking too long.
 * @property error why it ended without a file, once it has; or what the last attempt died of.
 * @property sequence in the calls about a task's end: that event's number among the task's, the same when it is
 *   delivered again (rule D4).
 */
public data class TaskInfo(
    public val id: Long,
    public val callerId: String?,
    public val metadata: String?,
    public val group: String?,
    public val url: String,
    public val destination: Destination,
    public val state: TaskState,
    public val priority: Float,
    public val received: Long,
    public val total: Long?,
    public val deadline: Instant?,
    public val error: TransferException?,
    public val sequence: Long?,
)

internal fun GeneratedTaskInfo.imported() =
    TaskInfo(
        id,
        callerId,
        metadata,
        group,
        url,
        destination.imported(),
        state.imported(),
        priority,
        received.toCount(),
        total?.toCount(),
        deadline?.imported(),
        error?.toException(),
        sequence,
    )

/**
 * How fast and how far (rule E2).
 *
 * @property written bytes that came since the last call.
 * @property received bytes of the file that are here.
 * @property total the whole length, if known.
 * @property throughput bytes a second, over the last second or so.
 */
public data class Progress(
    public val written: Long,
    public val received: Long,
    public val total: Long?,
    public val throughput: Long,
) {
    /** From 0.0 to 1.0; none while the length is not known. */
    public val fraction: Double?
        get() = total?.let { if (it == 0L) 1.0 else received.toDouble() / it }
}

internal fun GeneratedProgress.imported() =
    Progress(written.toCount(), received.toCount(), total?.toCount(), throughput.toCount())

/**
 * What a task cost (rule H8).
 *
 * @property firstByte from the request until the head of the answer.
 * @property duration from the request until the last byte.
 * @property received body bytes that came over the network, in all attempts.
 * @property discarded of those, bytes that were thrown away (rule R7).
 * @property attempts attempts made.
 * @property redirects redirects followed in the last attempt.
 * @property httpVersion `HTTP/1.1` or `HTTP/2.0`.
 * @property remoteAddress the server's address.
 */
public data class TaskMetrics(
    public val firstByte: Duration,
    public val duration: Duration,
    public val received: Long,
    public val discarded: Long,
    public val attempts: Int,
    public val redirects: Int,
    public val httpVersion: String,
    public val remoteAddress: String?,
) {
    /** [firstByte], for Java. */
    public fun firstByteToJava(): java.time.Duration = firstByte.toJavaDuration()

    /** [duration], for Java. */
    public fun durationToJava(): java.time.Duration = duration.toJavaDuration()
}

internal fun GeneratedTaskMetrics.imported() =
    TaskMetrics(
        firstByte.imported(),
        duration.imported(),
        received.toCount(),
        discarded.toCount(),
        attempts.toCount(),
        redirects.toCount(),
        httpVersion,
        remoteAddress,
    )
