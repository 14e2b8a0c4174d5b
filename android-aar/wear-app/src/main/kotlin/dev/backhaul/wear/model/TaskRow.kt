package dev.backhaul.wear.model

import dev.backhaul.TaskInfo
import dev.backhaul.TaskState
import dev.backhaul.WaitReason
import dev.backhaul.wear.R

/**
 * A task as one row of the list.
 *
 * @property id the task's number.
 * @property title what it brings.
 * @property phase what the row's symbol shows.
 * @property status how it stands, or why it waits: one short sentence.
 * @property percent how much of it is here, while some of it is and the length is known.
 */
internal data class TaskRow(
    val id: Long,
    val title: Words,
    val phase: Phase,
    val status: Words,
    val percent: Int?,
) {
    enum class Phase { WAITING, MOVING, DONE, FAILED }
}

internal fun TaskInfo.row(): TaskRow {
    val note = note
    val (phase, status) = standing(note?.isUseless == true)
    return TaskRow(
        id = id,
        title = note?.download?.title ?: Words.Own(R.string.download_other),
        phase = phase,
        status = status,
        percent = percent.takeIf { state != TaskState.Completed },
    )
}

private fun TaskInfo.standing(isUseless: Boolean): Pair<TaskRow.Phase, Words> =
    when (val state = state) {
        TaskState.Suspended -> TaskRow.Phase.WAITING to Words.Own(WaitReason.Suspended.sentence)
        is TaskState.Waiting -> TaskRow.Phase.WAITING to Words.Own(state.reason.sentence)
        TaskState.Transferring -> TaskRow.Phase.MOVING to Words.Own(R.string.status_transferring)
        TaskState.Canceling -> TaskRow.Phase.MOVING to Words.Own(R.string.status_canceling)
        TaskState.Completed -> ended(isUseless)
    }

private fun TaskInfo.ended(isUseless: Boolean): Pair<TaskRow.Phase, Words> {
    val error = error
    return when {
        error != null -> TaskRow.Phase.FAILED to Words.Quoted(error.message.orEmpty())
        isUseless -> TaskRow.Phase.FAILED to Words.Own(R.string.problem_not_a_feed)
        else -> TaskRow.Phase.DONE to Words.Own(R.string.status_completed)
    }
}

/** How much of it is here; none while there is nothing, or while the length is not known. */
private val TaskInfo.percent: Int?
    get() {
        val total = total ?: return null
        if (total <= 0 || received <= 0) return null
        return (received.toDouble() / total * PERCENT).toInt().coerceAtMost(PERCENT)
    }

private const val PERCENT = 100
