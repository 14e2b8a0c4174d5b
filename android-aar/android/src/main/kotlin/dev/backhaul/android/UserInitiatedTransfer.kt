package dev.backhaul.android

import dev.backhaul.DownloadTask

/**
 * Tasks that the user has asked for and watches in a notification.
 *
 * They keep to their own rules: what is discretionary waits for a charger here as well. Their requests say
 * `isDiscretionary = false`.
 *
 * @property tasks from one background session; 1 to 1,000.
 * @property notification what the user sees.
 * @property estimatedBytes how many bytes are still to come; none if the tasks' own lengths say it.
 */
public class UserInitiatedTransfer
    @JvmOverloads
    constructor(
        public val tasks: List<DownloadTask>,
        public val notification: TransferNotification,
        public val estimatedBytes: Long? = null,
    )

/**
 * The notification of a transfer: its progress, and how it ended. The words are the app's, in the user's language.
 *
 * @property title what is transferred.
 * @property done said when all tasks have ended well.
 * @property failed said when some have not.
 * @property waiting said while no task moves.
 * @property cancel the button that cancels the tasks; none for no button.
 * @property channel the name of the notification channel in the settings.
 * @property icon a drawable of the app's, or of the system's.
 */
public data class TransferNotification
    @JvmOverloads
    constructor(
        public val title: String,
        public val done: String = "Finished",
        public val failed: String = "Failed",
        public val waiting: String = "Waiting",
        public val cancel: String? = "Cancel",
        public val channel: String = "Downloads",
        public val icon: Int = android.R.drawable.stat_sys_download,
    )

/** What a transfer that the user asked for runs as. */
public enum class StartedAs {
    /** A user-initiated data transfer job: it runs for hours. From Android 14 on. */
    USER_INITIATED,

    /** An expedited job: it begins at once, and has some minutes. Android 12 and 13. */
    EXPEDITED,

    /** An ordinary job: it begins soon, and has ten minutes. The rest comes in the wakes after it. */
    ORDINARY,
}
