package dev.backhaul

import java.nio.file.Path
import java.nio.file.Paths

/** Why bytes that were already here were downloaded again (rule R7). */
public enum class RestartReason {
    /** Validator or length say that the object is another one now. */
    OBJECT_CHANGED,

    /** Neither a strong validator nor a digest can vouch for the bytes to come. */
    NO_VALIDATOR,

    /** The server sent the whole object although a range was asked for. */
    RANGE_IGNORED,

    /** The server sent another range than the one asked for, or did not say which. */
    RANGE_MISMATCH,

    /** Bytes sent again differ from those that were here. */
    OVERLAP_DIFFERS,

    /** The finished file did not have the expected digest. */
    DIGEST_MISMATCH,
}

/**
 * A store that could not be read was moved aside (rule D6).
 *
 * @property movedTo where the damaged store lies now.
 * @property reason what was wrong with it.
 * @property salvagedTasks tasks of the container that could still be read in the damaged store.
 * @property rebuiltTasks tasks of this session that were made again from what lies beside their part files.
 * @property incompleteTasks those among the rebuilt whose metadata is lost.
 */
public data class StoreRecovery(
    public val movedTo: Path,
    public val reason: String,
    public val salvagedTasks: Long,
    public val rebuiltTasks: Long,
    public val incompleteTasks: Long,
)

internal fun GeneratedStoreRecovery.imported() =
    StoreRecovery(
        Paths.get(movedTo),
        reason,
        salvagedTasks.toCount(),
        rebuiltTasks.toCount(),
        incompleteTasks.toCount(),
    )
