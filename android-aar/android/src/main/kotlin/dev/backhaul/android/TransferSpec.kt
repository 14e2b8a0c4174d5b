package dev.backhaul.android

import android.os.PersistableBundle

/** A transfer that the user asked for, as its job carries it: through the end of the process, and a reboot. */
internal class TransferSpec(
    val session: String,
    val tasks: List<Long>,
    val notification: TransferNotification,
) {
    fun extras() =
        PersistableBundle().apply {
            putString(SESSION, session)
            putLongArray(TASKS, tasks.toLongArray())
            putString(TITLE, notification.title)
            putString(DONE, notification.done)
            putString(FAILED, notification.failed)
            putString(WAITING, notification.waiting)
            putString(CANCEL, notification.cancel)
            putString(CHANNEL, notification.channel)
            putInt(ICON, notification.icon)
        }

    companion object {
        private const val SESSION = "session"
        private const val TASKS = "tasks"
        private const val TITLE = "title"
        private const val DONE = "done"
        private const val FAILED = "failed"
        private const val WAITING = "waiting"
        private const val CANCEL = "cancel"
        private const val CHANNEL = "channel"
        private const val ICON = "icon"

        /** What the job carries; none if it is the job of a wake. */
        fun of(extras: PersistableBundle): TransferSpec? {
            val session = extras.getString(SESSION) ?: return null
            val tasks = extras.getLongArray(TASKS)?.toList() ?: return null
            return TransferSpec(session, tasks, notification(extras))
        }

        private fun notification(extras: PersistableBundle): TransferNotification {
            val standard = TransferNotification(extras.getString(TITLE).orEmpty())
            return standard.copy(
                done = extras.getString(DONE) ?: standard.done,
                failed = extras.getString(FAILED) ?: standard.failed,
                waiting = extras.getString(WAITING) ?: standard.waiting,
                cancel = extras.getString(CANCEL),
                channel = extras.getString(CHANNEL) ?: standard.channel,
                icon = extras.getInt(ICON, standard.icon),
            )
        }
    }
}
