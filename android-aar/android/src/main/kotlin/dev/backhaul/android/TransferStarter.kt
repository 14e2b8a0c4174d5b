package dev.backhaul.android

import android.app.job.JobInfo
import android.content.Context
import android.os.Build
import dev.backhaul.BackgroundSessions
import dev.backhaul.TransferException
import dev.backhaul.WakeConstraints
import dev.backhaul.android.UserInitiatedException.Invalid

/** A list that a job can carry, and a user can mean. */
private const val MOST_TASKS = 1_000

/** Starts transfers that the user has asked for: each a job of its own. */
internal class TransferStarter(
    private val context: Context,
    private val sessions: BackgroundSessions,
    private val wakeJobId: Int,
) {
    private val platform = JobPlatform.of(context)

    @Synchronized
    fun start(transfer: UserInitiatedTransfer): StartedAs {
        val spec = specOf(transfer)
        val builder = builder(spec, transfer.estimatedBytes ?: leftOf(transfer))
        return if (Build.VERSION.SDK_INT < Build.VERSION_CODES.UPSIDE_DOWN_CAKE) fallBack(builder) else ask(builder)
    }

    private fun specOf(transfer: UserInitiatedTransfer): TransferSpec {
        val session = transfer.tasks.firstOrNull()?.session ?: throw Invalid("a transfer needs at least one task")
        val identifier = session.identifier
        val ids = transfer.tasks.map { it.id }.distinct()
        val bytes = transfer.estimatedBytes
        val problem =
            when {
                transfer.tasks.any { it.session.identifier != identifier } -> {
                    "its tasks are of several sessions"
                }

                identifier == null || !isOurs(identifier) -> {
                    "its session is not one of Backhaul.sessions: nobody could carry it on in another process"
                }

                ids.size > MOST_TASKS -> {
                    "it has ${ids.size} tasks, and $MOST_TASKS are the most"
                }

                transfer.notification.title.isBlank() -> {
                    "its notification needs a title"
                }

                transfer.notification.icon == 0 -> {
                    "its notification needs an icon"
                }

                bytes != null && bytes < 0 -> {
                    "estimatedBytes must not be negative: $bytes"
                }

                else -> {
                    return TransferSpec(checkNotNull(identifier), ids, transfer.notification)
                }
            }
        throw Invalid(problem)
    }

    private fun isOurs(identifier: String): Boolean = sessions.session(identifier)?.use { true } ?: false

    private fun builder(
        spec: TransferSpec,
        bytes: Long?,
    ): JobInfo.Builder {
        val id = (1..USER_INITIATED_JOBS).map { wakeJobId + it }.firstOrNull { platform.pending(it) == null }
        val builder = jobBuilder(context, id ?: throw UserInitiatedException.TooMany(USER_INITIATED_JOBS))
        builder.setExtras(spec.extras()).requireNetwork(ANY_NETWORK)
        if (bytes != null && Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            LaterApi.estimate(builder, bytes)
        }
        return builder
    }

    private fun ask(builder: JobInfo.Builder): StartedAs {
        if (!platform.mayRunUserInitiatedJobs()) throw UserInitiatedException.NotPermitted()
        return when (val answer = platform.schedule { Api34.userInitiated(builder).build() }) {
            JobAnswer.Taken -> {
                StartedAs.USER_INITIATED
            }

            is JobAnswer.Refused -> {
                throw if (answer.isFull) {
                    UserInitiatedException.Refused(answer.why)
                } else {
                    UserInitiatedException.NotVisible()
                }
            }

            is JobAnswer.Impossible -> {
                throw UserInitiatedException.Refused(answer.why)
            }
        }
    }

    /** Before Android 14 there is no job that runs for hours. */
    private fun fallBack(builder: JobInfo.Builder): StartedAs {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
            val answer = platform.schedule { LaterApi.setExpedited(builder, true).build() }
            if (answer == JobAnswer.Taken) return StartedAs.EXPEDITED
            LaterApi.setExpedited(builder, false)
        }
        return when (val answer = platform.schedule { builder.setMinimumLatency(0).build() }) {
            JobAnswer.Taken -> StartedAs.ORDINARY
            is JobAnswer.Refused -> throw UserInitiatedException.Refused(answer.why)
            is JobAnswer.Impossible -> throw UserInitiatedException.Refused(answer.why)
        }
    }

    /** What is still to come, if the servers have said so for all tasks. */
    private fun leftOf(transfer: UserInitiatedTransfer): Long? =
        try {
            transfer.tasks
                .map { it.infoBlocking() }
                .map { task -> (task.total ?: return null) - task.received }
                .sum()
        } catch (failed: TransferException) {
            throw Invalid("one of its tasks is not there: ${failed.message}")
        }

    private companion object {
        val ANY_NETWORK =
            WakeConstraints(network = true, isUnmetered = false, isNotCellular = false, isCharging = false)
    }
}
