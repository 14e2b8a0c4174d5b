package dev.backhaul.wear.model

import dev.backhaul.Explanation
import dev.backhaul.TaskState
import kotlin.time.Instant

/**
 * The answer to "why does this one not move?", for one screen (rule E1).
 *
 * @property row as in the list.
 * @property since since when it stands so.
 * @property unblockedBy what would end the wait.
 * @property nextEvaluation when it is looked at again at the latest.
 * @property deadline when it is given up.
 * @property discarded bytes that had to be thrown away, as when the file changed on the server.
 * @property attempts the last ones, newest first.
 */
internal data class TaskDetail(
    val row: TaskRow,
    val since: Instant,
    val unblockedBy: String?,
    val nextEvaluation: Instant?,
    val deadline: Instant?,
    val discarded: Long,
    val attempts: List<Attempt>,
) {
    data class Attempt(
        val began: Instant,
        val outcome: String,
    )
}

internal fun Explanation.detail(): TaskDetail =
    TaskDetail(
        row = task.row(),
        since = since,
        unblockedBy = unblockedBy,
        nextEvaluation = nextEvaluation,
        deadline = task.deadline.takeIf { task.state != TaskState.Completed },
        discarded = discarded,
        attempts = attempts.asReversed().map { TaskDetail.Attempt(it.began, it.outcome) },
    )
