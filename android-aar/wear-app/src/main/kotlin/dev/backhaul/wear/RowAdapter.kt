package dev.backhaul.wear

import android.content.Context
import android.view.View
import android.widget.ImageView
import android.widget.ProgressBar
import android.widget.TextView
import dev.backhaul.wear.model.PostcardRow
import dev.backhaul.wear.model.TaskRow
import dev.backhaul.wear.model.text

/** The rows of the first screen as views. Main thread. */
internal class RowAdapter(
    context: Context,
    private val pictures: Pictures,
) : ListAdapter<Row>(context) {
    private val resources = context.resources
    private val formatting = Formatting(context)

    override fun getViewTypeCount(): Int = layouts.size

    override fun getItemViewType(position: Int): Int = layouts.indexOf(layoutOf(getItem(position)))

    override fun isEnabled(position: Int): Boolean = getItem(position).let { it is Row.Refresh || it is Row.Task }

    override fun layoutOf(item: Row): Int =
        when (item) {
            is Row.Heading -> R.layout.row_heading
            is Row.Problem -> R.layout.row_problem
            is Row.Cover -> R.layout.row_cover
            is Row.Task -> R.layout.row_task
            is Row.Card -> R.layout.row_postcard
            Row.Refresh -> R.layout.row_refresh
            Row.NothingYet -> R.layout.row_nothing
        }

    override fun bind(
        item: Row,
        view: View,
    ) {
        when (item) {
            is Row.Heading -> (view as TextView).setText(item.text)
            is Row.Problem -> (view as TextView).text = item.text
            is Row.Cover -> pictures.show(item.picture, view as ImageView)
            is Row.Task -> show(item.task, view)
            is Row.Card -> show(item.postcard, view)
            Row.Refresh, Row.NothingYet -> Unit
        }
    }

    private fun show(
        task: TaskRow,
        view: View,
    ) {
        view.contentDescription = formatting.spoken(task)
        view.requireViewById<ImageView>(R.id.symbol).setImageResource(task.phase.symbol)
        view.requireViewById<TextView>(R.id.title).text = task.title.text(resources)
        view.requireViewById<TextView>(R.id.status).text = task.status.text(resources)
        val progress = view.requireViewById<ProgressBar>(R.id.progress)
        progress.visibility = if (task.percent == null) View.GONE else View.VISIBLE
        progress.progress = task.percent ?: 0
    }

    private fun show(
        postcard: PostcardRow,
        view: View,
    ) {
        view.contentDescription = formatting.spoken(postcard)
        view.requireViewById<TextView>(R.id.title).text = postcard.title
        view.requireViewById<TextView>(R.id.date).text = formatting.day(postcard.date)
        val picture = view.requireViewById<ImageView>(R.id.picture)
        picture.visibility = if (postcard.picture == null) View.GONE else View.VISIBLE
        pictures.show(postcard.picture, picture)
    }

    private companion object {
        val layouts =
            listOf(
                R.layout.row_heading,
                R.layout.row_problem,
                R.layout.row_cover,
                R.layout.row_task,
                R.layout.row_postcard,
                R.layout.row_refresh,
                R.layout.row_nothing,
            )
    }
}

/** What a task's row shows at its beginning. */
internal val TaskRow.Phase.symbol: Int
    get() =
        when (this) {
            TaskRow.Phase.WAITING -> R.drawable.ic_waiting
            TaskRow.Phase.MOVING -> R.drawable.ic_moving
            TaskRow.Phase.DONE -> R.drawable.ic_done
            TaskRow.Phase.FAILED -> R.drawable.ic_failed
        }
