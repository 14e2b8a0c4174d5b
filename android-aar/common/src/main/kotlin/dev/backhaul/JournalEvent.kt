package dev.backhaul

import kotlin.time.Instant

/**
 * The end of a task, as the journal has it (rule D4).
 *
 * @property sequence its place in the container's journal.
 * @property task the task.
 * @property taskSequence its place among the task's events.
 * @property written when it was written.
 * @property isAcknowledged whether the delegate was told, and returned.
 * @property error why the task ended without a file, if it did.
 * @property length the finished file's length.
 */
public data class JournalEvent(
    public val sequence: Long,
    public val task: Long,
    public val taskSequence: Long,
    public val written: Instant,
    public val isAcknowledged: Boolean,
    public val error: TransferException?,
    public val length: Long?,
)

internal fun GeneratedJournalEvent.imported() =
    JournalEvent(
        sequence,
        task,
        taskSequence,
        written.imported(),
        acknowledged,
        error?.toException(),
        len?.toCount(),
    )
