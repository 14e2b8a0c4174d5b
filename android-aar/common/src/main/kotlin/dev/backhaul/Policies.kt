package dev.backhaul

import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toKotlinDuration

/** Which answers are files (rule H5). */
public enum class StatusPolicy {
    /** Only 2xx. */
    SUCCESS_ONLY,

    /** Every final answer's body is the file, as with `URLSession`. */
    ANY,
}

/** When a transfer may go on without a strong validator (rule R5). */
public enum class ResumePolicy {
    /** A strong validator, or a digest of the whole file. */
    STRICT,

    /** Where there is neither, 64 KiB that compare equal are enough. */
    LENIENT,
}

/** When the delegate is told while the app is not in front (rule W2). */
public enum class DeliveryPolicy {
    /** Together, when every task of the session has ended. */
    COALESCED,

    /** Each at once, as long as the process has run time. */
    EACH,
}

/** What becomes of tasks when the user ends the app by force (rule W6). */
public enum class ForceQuitPolicy {
    /** They end with [TransferException.UserForceQuit]. */
    REPORT,

    /** They go on at the next launch. */
    REQUEUE,
}

/** How the process before this one ended, as far as the platform says. */
public enum class PreviousExit {
    /** In any other way, or nobody knows. */
    ORDINARY,

    /** The user ended it by force. */
    FORCE_QUIT,
}

/** When a session's files can be written. */
public enum class FileProtection {
    /** Always, once the device was unlocked after a start. */
    UNTIL_FIRST_UNLOCK,

    /** Only while the device is unlocked. Tasks wait as [WaitReason.ProtectedData]. */
    COMPLETE,
}

/** What becomes of a transfer that is too large for the wakes of a watch (rule P8). */
public enum class LargeTransfers {
    /** It waits for a charger and Wi-Fi. */
    HOLD,

    /** It is refused. */
    REFUSE,
}

/**
 * What a watch transfers at any time, and what it makes of the rest (rule P8).
 *
 * @property smallTransferLimitBytes transfers up to this length run in any wake.
 * @property largeTransfers what becomes of larger ones.
 */
public data class WatchBudget(
    public val smallTransferLimitBytes: Long,
    public val largeTransfers: LargeTransfers = LargeTransfers.HOLD,
)

internal fun WatchBudget.exported() =
    GeneratedWatchBudget(smallTransferLimitBytes.exported("smallTransferLimitBytes"), largeTransfers.mirrored())

internal fun GeneratedWatchBudget.imported() = WatchBudget(smallTransferLimitBytes.toCount(), largeTransfers.mirrored())

/**
 * The pauses between attempts (rule H1): each is up to twice as long as the one before, with full jitter.
 *
 * @property base the longest first pause.
 * @property cap the longest pause of all.
 */
public data class RetryPolicy(
    public val base: Duration = 1.seconds,
    public val cap: Duration = 5.minutes,
) {
    /** For Java. */
    public constructor(
        base: java.time.Duration,
        cap: java.time.Duration,
    ) : this(base.toKotlinDuration(), cap.toKotlinDuration())
}

internal fun RetryPolicy.exported() =
    GeneratedRetryPolicy(base.exported("retryPolicy.base"), cap.exported("retryPolicy.cap"))
