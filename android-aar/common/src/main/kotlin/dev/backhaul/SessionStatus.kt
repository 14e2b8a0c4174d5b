package dev.backhaul

import kotlin.time.Instant

/**
 * What a session does right now.
 *
 * @property transferring tasks whose bytes move or are being made durable.
 * @property active tasks that were resumed and are not completed; transferring ones included.
 * @property suspended tasks that wait for `resume`.
 * @property undelivered ends of tasks that the delegate has not yet acknowledged.
 * @property nextEvaluation when the next waiting task is looked at again at the latest.
 * @property waiting how many tasks wait for which reason.
 * @property isClosed the session has ended.
 */
public data class SessionStatus(
    public val transferring: Long,
    public val active: Long,
    public val suspended: Long,
    public val undelivered: Long,
    public val nextEvaluation: Instant?,
    public val waiting: Map<WaitReason, Long>,
    public val isClosed: Boolean,
)

internal fun GeneratedStatus.imported() =
    SessionStatus(
        transferring.toCount(),
        active.toCount(),
        suspended.toCount(),
        undelivered.toCount(),
        nextEvaluation?.imported(),
        waiting.associate { it.reason.imported() to it.count.toCount() },
        closed,
    )
