package dev.backhaul.android

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import android.graphics.drawable.Icon
import android.text.format.Formatter

/** Steps of the bar. */
private const val WHOLE = 1000

/** What the user sees of a transfer, by the number of its job. */
internal class TransferNotices(
    private val context: Context,
    private val jobId: Int,
    private val spec: TransferSpec,
) {
    private val manager: NotificationManager? = context.getSystemService(NotificationManager::class.java)
    private val words = spec.notification

    init {
        // Again does nothing but change the name.
        val channel = NotificationChannel(CHANNEL, words.channel, NotificationManager.IMPORTANCE_LOW)
        manager?.createNotificationChannel(channel)
    }

    /** How far it is; at first nobody knows. */
    fun progress(sum: TransferSum?): Notification {
        val builder = builder().setOngoing(true).setOnlyAlertOnce(true)
        val total = sum?.total
        if (total == null || total <= 0) {
            builder.setProgress(0, 0, true)
        } else {
            builder.setProgress(WHOLE, (sum.received.coerceAtMost(total) * WHOLE.toDouble() / total).toInt(), false)
        }
        if (sum != null) {
            builder.setContentText(if (sum.isWaiting) words.waiting else bytes(sum))
            if (sum.count > 1) builder.setSubText("${sum.ended}/${sum.count}")
        }
        words.cancel?.let { builder.addAction(action(it)) }
        return builder.build()
    }

    /** Shows it beside the job: below Android 14, where a job has no notification of its own. */
    fun showProgress(notification: Notification) {
        manager?.notify(PROGRESS, jobId, notification)
    }

    fun hideProgress() = hide(context, jobId)

    /** Says how it ended, until the user has seen it. */
    fun showEnd(sum: TransferSum) {
        val text = if (sum.failed > 0) words.failed else words.done
        manager?.notify(END, jobId, builder().setContentText(text).setAutoCancel(true).build())
    }

    fun hideEnd() {
        manager?.cancel(END, jobId)
    }

    private fun builder() =
        Notification
            .Builder(context, CHANNEL)
            .setSmallIcon(words.icon)
            .setContentTitle(words.title)
            .setContentIntent(opensApp())

    private fun bytes(sum: TransferSum): String {
        val size = { count: Long -> Formatter.formatShortFileSize(context, count) }
        return listOfNotNull(size(sum.received), sum.total?.let(size)).joinToString(" / ")
    }

    private fun action(label: String): Notification.Action {
        val icon = Icon.createWithResource(context, android.R.drawable.ic_menu_close_clear_cancel)
        val intent = CancelReceiver.intent(context, jobId, spec)
        val cancels =
            PendingIntent.getBroadcast(
                context,
                jobId,
                intent,
                PendingIntent.FLAG_UPDATE_CURRENT or PendingIntent.FLAG_IMMUTABLE,
            )
        return Notification.Action.Builder(icon, label, cancels).build()
    }

    private fun opensApp(): PendingIntent? =
        context.packageManager.getLaunchIntentForPackage(context.packageName)?.let { intent: Intent ->
            PendingIntent.getActivity(context, jobId, intent, PendingIntent.FLAG_IMMUTABLE)
        }

    companion object {
        const val CHANNEL = "dev.backhaul.transfers"
        const val PROGRESS = "dev.backhaul.progress"
        const val END = "dev.backhaul.end"

        /** Also when the process that showed it has died. */
        fun hide(
            context: Context,
            jobId: Int,
        ) {
            context.getSystemService(NotificationManager::class.java)?.cancel(PROGRESS, jobId)
        }
    }
}
