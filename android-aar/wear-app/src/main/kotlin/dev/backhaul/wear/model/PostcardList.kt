package dev.backhaul.wear.model

import dev.backhaul.Session
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.withContext
import java.nio.file.Path
import kotlin.io.path.getLastModifiedTime
import kotlin.time.Instant

/**
 * A picture that was downloaded.
 *
 * @property modified when it came, in milliseconds: another picture in the same file is another one.
 */
internal data class StoredPicture(
    val file: Path,
    val modified: Long,
)

/**
 * The list on the screen: what came, and what did not yet.
 *
 * @property cover the picture of the day, if it has come.
 * @property postcards those of the feed, in the order of their dates.
 * @property tasks those that are under way or failed, in the order in which they were asked for.
 */
internal data class PostcardList(
    val cover: StoredPicture? = null,
    val postcards: List<PostcardRow> = emptyList(),
    val tasks: List<TaskRow> = emptyList(),
)

/**
 * A postcard as one row of the list.
 *
 * @property picture none until it has come.
 */
internal data class PostcardRow(
    val id: String,
    val title: String,
    val date: Instant,
    val picture: StoredPicture?,
)

/** The list with news of one task. */
internal fun PostcardList.with(row: TaskRow): PostcardList {
    val isKnown = tasks.any { it.id == row.id }
    return copy(tasks = if (isKnown) tasks.map { if (it.id == row.id) row else it } else tasks + row)
}

/** Reads the list anew. */
internal suspend fun Downloads.list(session: Session): PostcardList =
    withContext(Dispatchers.IO) {
        PostcardList(
            cover = store.cover?.stored(),
            postcards =
                store.feed()?.postcards.orEmpty().map {
                    PostcardRow(it.id, it.title, it.date, store.picture(it.id)?.stored())
                },
            tasks = session.allTasks().map { it.row() }.toList(),
        )
    }

private fun Path.stored() = StoredPicture(this, getLastModifiedTime().toMillis())
