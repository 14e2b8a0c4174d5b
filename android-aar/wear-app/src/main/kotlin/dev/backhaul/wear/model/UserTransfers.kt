package dev.backhaul.wear.model

import android.content.Context
import android.util.Log
import dev.backhaul.DownloadTask
import dev.backhaul.android.Backhaul
import dev.backhaul.android.TransferNotification
import dev.backhaul.android.UserInitiatedException
import dev.backhaul.android.UserInitiatedTransfer
import dev.backhaul.wear.R

/**
 * What the user asked for goes on when the wrist goes down, under a notification that shows how far it is. Any thread
 * but the main one.
 */
internal class UserTransfers(
    private val context: Context,
) {
    /**
     * @param title of a string: what is downloaded.
     */
    fun start(
        title: Int,
        tasks: List<DownloadTask>,
    ) {
        if (tasks.isEmpty()) return
        try {
            Backhaul.startUserInitiatedBlocking(UserInitiatedTransfer(tasks, notification(title)))
        } catch (refused: UserInitiatedException) {
            // The app was left meanwhile, or the system is short of something: the wakes bring it, only later.
            Log.i(TAG, "not under a notification: ${refused.message}")
        }
    }

    private fun notification(title: Int) =
        TransferNotification(
            title = context.getString(title),
            done = context.getString(R.string.notification_done),
            failed = context.getString(R.string.notification_failed),
            waiting = context.getString(R.string.notification_waiting),
            cancel = context.getString(R.string.notification_cancel),
            channel = context.getString(R.string.channel_downloads),
            icon = R.drawable.ic_notification,
        )

    private companion object {
        const val TAG = "Postcards"
    }
}
