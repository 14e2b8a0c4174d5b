package dev.backhaul.wear

import dev.backhaul.wear.model.PostcardRow
import dev.backhaul.wear.model.PostcardsModel
import dev.backhaul.wear.model.StoredPicture
import dev.backhaul.wear.model.TaskRow

/** A row of the first screen. */
internal sealed interface Row {
    /** The button. */
    data object Refresh : Row

    data class Problem(
        val text: String,
    ) : Row

    /** The picture of the day. */
    data class Cover(
        val picture: StoredPicture,
    ) : Row

    /**
     * @property text of a string.
     */
    data class Heading(
        val text: Int,
    ) : Row

    data class Task(
        val task: TaskRow,
    ) : Row

    data class Card(
        val postcard: PostcardRow,
    ) : Row

    /** There are no postcards. */
    data object NothingYet : Row
}

/** The rows in their order. */
internal fun PostcardsModel.State.rows(): List<Row> =
    buildList {
        add(Row.Heading(R.string.app_name))
        add(Row.Refresh)
        problem?.let { add(Row.Problem(it)) }
        list.cover?.let { add(Row.Cover(it)) }
        if (list.tasks.isNotEmpty()) {
            add(Row.Heading(R.string.on_the_way))
            addAll(list.tasks.map(Row::Task))
        }
        if (list.postcards.isEmpty()) {
            add(Row.NothingYet)
        } else {
            add(Row.Heading(R.string.postcards))
            addAll(list.postcards.map(Row::Card))
        }
    }
