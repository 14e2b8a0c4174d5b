package dev.backhaul.wear

import android.content.Context
import android.view.View
import android.widget.TextView
import dev.backhaul.wear.model.TaskDetail
import dev.backhaul.wear.model.text

/** A label and what is so. */
internal data class Line(
    val label: String,
    val value: String,
)

/** What the screen of one task says; one line for a task that nobody knows any more. */
internal fun linesOf(
    detail: TaskDetail?,
    context: Context,
    formatting: Formatting = Formatting(context),
): List<Line> {
    if (detail == null) return listOf(Line("", context.getString(R.string.detail_gone)))
    val row = detail.row
    val status = listOfNotNull(row.status.text(context.resources), row.percent?.let(formatting::percent))
    return buildList {
        add(Line(row.title.text(context.resources), status.joinToString(" ")))

        fun line(
            label: Int,
            value: String?,
        ) {
            if (value != null) add(Line(context.getString(label), value))
        }
        line(R.string.detail_unblocked_by, detail.unblockedBy)
        line(R.string.detail_since, formatting.ago(detail.since))
        line(R.string.detail_next_evaluation, detail.nextEvaluation?.let(formatting::time))
        line(R.string.detail_deadline, detail.deadline?.let(formatting::time))
        line(R.string.detail_discarded, detail.discarded.takeIf { it > 0 }?.let(formatting::bytes))
        addAll(detail.attempts.map { Line(formatting.time(it.began), it.outcome) })
    }
}

/** The lines as views. Main thread. */
internal class LineAdapter(
    context: Context,
) : ListAdapter<Line>(context) {
    override fun layoutOf(item: Line): Int = R.layout.row_line

    override fun bind(
        item: Line,
        view: View,
    ) {
        val label = view.requireViewById<TextView>(R.id.label)
        label.text = item.label
        label.visibility = if (item.label.isEmpty()) View.GONE else View.VISIBLE
        view.requireViewById<TextView>(R.id.value).text = item.value
    }
}
