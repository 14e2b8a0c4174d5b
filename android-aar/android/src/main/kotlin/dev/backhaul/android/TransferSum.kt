package dev.backhaul.android

import dev.backhaul.TaskInfo
import dev.backhaul.TaskState
import dev.backhaul.TransferException
import dev.backhaul.WaitReason

/**
 * How far some tasks are, all together.
 *
 * @property received bytes that are here.
 * @property total bytes in all; none as long as that is not known of each task.
 * @property ended tasks that have ended.
 * @property failed of those, tasks that failed.
 * @property cancelled of those, tasks that were cancelled.
 * @property count tasks.
 * @property isWaiting some have not ended, and none of those moves.
 * @property isUnfinished something is left that run time would be of use to.
 */
internal data class TransferSum(
    val received: Long,
    val total: Long?,
    val ended: Int,
    val failed: Int,
    val cancelled: Int,
    val count: Int,
    val isWaiting: Boolean,
    val isUnfinished: Boolean,
) {
    companion object {
        fun of(tasks: List<TaskInfo>): TransferSum {
            val (ended, left) = tasks.partition { it.state == TaskState.Completed }
            val cancelled = ended.count { it.error is TransferException.Cancelled }
            return TransferSum(
                received = tasks.sumOf { it.received },
                total = if (tasks.all { it.total != null }) tasks.sumOf { it.total ?: 0 } else null,
                ended = ended.size,
                failed = ended.count { it.error != null } - cancelled,
                cancelled = cancelled,
                count = tasks.size,
                isWaiting = left.isNotEmpty() && left.none { it.state == TaskState.Transferring },
                isUnfinished = left.any { it.state.needsRunTime },
            )
        }
    }
}

/** Not what the app or the user holds back. */
private val TaskState.needsRunTime: Boolean
    get() =
        when (this) {
            TaskState.Completed, TaskState.Suspended -> false
            is TaskState.Waiting -> reason != WaitReason.Authentication && reason != WaitReason.Suspended
            TaskState.Transferring, TaskState.Canceling -> true
        }
