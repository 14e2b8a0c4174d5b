package dev.backhaul.wear

import android.content.Context
import android.text.format.DateUtils
import android.text.format.Formatter
import dev.backhaul.wear.model.PostcardRow
import dev.backhaul.wear.model.TaskRow
import dev.backhaul.wear.model.text
import java.text.NumberFormat
import kotlin.time.Clock
import kotlin.time.Instant

/** Numbers and times in the user's way, and what a screen reader says of a row. */
internal class Formatting(
    private val context: Context,
    private val clock: Clock = Clock.System,
) {
    /** A day. */
    fun day(date: Instant): String =
        DateUtils.formatDateTime(
            context,
            date.toEpochMilliseconds(),
            DateUtils.FORMAT_SHOW_DATE or DateUtils.FORMAT_ABBREV_MONTH,
        )

    /** A time of today, or a day and a time. */
    fun time(at: Instant): String {
        val milliseconds = at.toEpochMilliseconds()
        val isFar = (at - clock.now()).absoluteValue.inWholeHours >= HOURS_WITHOUT_A_DAY
        val day = if (isFar) DateUtils.FORMAT_SHOW_DATE or DateUtils.FORMAT_ABBREV_MONTH else 0
        return DateUtils.formatDateTime(context, milliseconds, DateUtils.FORMAT_SHOW_TIME or day)
    }

    /** How long ago. */
    fun ago(at: Instant): String =
        DateUtils
            .getRelativeTimeSpanString(
                at.toEpochMilliseconds(),
                clock.now().toEpochMilliseconds(),
                DateUtils.SECOND_IN_MILLIS,
            ).toString()

    /** A number of bytes. */
    fun bytes(count: Long): String = Formatter.formatShortFileSize(context, count)

    /** A part of a hundred. */
    fun percent(percent: Int): String = NumberFormat.getPercentInstance().format(percent / HUNDRED)

    /** Title, how it stands, and how much of it is here: for those who hear the row. */
    fun spoken(task: TaskRow): String {
        val title = task.title.text(context.resources)
        val status = task.status.text(context.resources)
        return task.percent?.let {
            context.getString(R.string.spoken_task_with_progress, title, status, percent(it))
        } ?: context.getString(R.string.spoken_task, title, status)
    }

    /** The same for a postcard. */
    fun spoken(postcard: PostcardRow): String {
        val text =
            if (postcard.picture == null) R.string.spoken_postcard_without_picture else R.string.spoken_postcard
        return context.getString(text, postcard.title, day(postcard.date))
    }

    private companion object {
        const val HUNDRED = 100.0
        const val HOURS_WITHOUT_A_DAY = 12
    }
}
