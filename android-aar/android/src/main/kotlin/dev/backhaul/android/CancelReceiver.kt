package dev.backhaul.android

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.net.Uri
import dev.backhaul.DownloadTask
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch

/**
 * The button of a transfer's notification: cancels its tasks (rule L4). In the library's manifest already; nobody but
 * the app itself can call it.
 */
public class CancelReceiver : BroadcastReceiver() {
    override fun onReceive(
        context: Context,
        intent: Intent,
    ) {
        val session = intent.getStringExtra(SESSION) ?: return
        val tasks = intent.getLongArrayExtra(TASKS)?.toList() ?: return
        TransferNotices.hide(context, intent.getIntExtra(JOB, 0))
        // The process may have died since, and was started for this.
        val process = Backhaul.startForJob(context) ?: return
        val result = goAsync()
        CoroutineScope(Dispatchers.IO).launch {
            try {
                process.sessions.session(session)?.use { it.each(tasks, DownloadTask::cancelBlocking) }
            } finally {
                result?.finish()
            }
        }
    }

    internal companion object {
        private const val SESSION = "session"
        private const val TASKS = "tasks"
        private const val JOB = "job"

        fun intent(
            context: Context,
            jobId: Int,
            spec: TransferSpec,
        ): Intent =
            Intent(context, CancelReceiver::class.java)
                .setData(Uri.fromParts("backhaul", jobId.toString(), null))
                .putExtra(SESSION, spec.session)
                .putExtra(TASKS, spec.tasks.toLongArray())
                .putExtra(JOB, jobId)
    }
}
