package dev.backhaul

import kotlin.time.Duration
import kotlin.time.Instant
import kotlin.time.toJavaDuration

/**
 * The answer to "why does this task not move?" (rule E1).
 *
 * @property task the task.
 * @property since since when it is in this state.
 * @property unblockedBy what would end the wait, as a sentence; none when it does not wait.
 * @property after the tasks that it comes after and that have not succeeded yet; at most sixteen (rule L6).
 * @property nextEvaluation when it is looked at again at the latest, if a time is known.
 * @property discarded bytes that were received and had to be thrown away (rule R7).
 * @property attempts the last attempts, oldest first; at most eight.
 * @property attemptCount how many attempts there were in all.
 */
public data class Explanation(
    public val task: TaskInfo,
    public val since: Instant,
    public val unblockedBy: String?,
    public val after: List<Long>,
    public val nextEvaluation: Instant?,
    public val discarded: Long,
    public val attempts: List<Attempt>,
    public val attemptCount: Int,
)

/**
 * One attempt to move the bytes.
 *
 * @property began when it began.
 * @property took how long it took.
 * @property received bytes received in it.
 * @property outcome how it ended, as a sentence.
 */
public data class Attempt(
    public val began: Instant,
    public val took: Duration,
    public val received: Long,
    public val outcome: String,
) {
    /** [took], for Java. */
    public fun tookToJava(): java.time.Duration = took.toJavaDuration()
}

internal fun GeneratedAttempt.imported() = Attempt(began.imported(), took.imported(), received.toCount(), outcome)

internal fun GeneratedExplanation.imported() =
    Explanation(
        task.imported(),
        since.imported(),
        unblockedBy,
        after,
        nextEvaluation?.imported(),
        discarded.toCount(),
        attempts.map { it.imported() },
        attemptCount.toCount(),
    )
