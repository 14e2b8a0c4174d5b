package dev.backhaul.wear.model

import dev.backhaul.TaskInfo
import org.json.JSONException
import org.json.JSONObject
import kotlin.time.Instant

/**
 * The metadata of the app's tasks: it comes back with everything that is told of them, in whichever process.
 *
 * @property download what the task brings.
 * @property isUseless the file came, and is of no use.
 */
internal data class DownloadNote(
    val download: Download,
    val isUseless: Boolean = false,
) {
    fun encoded(): String {
        val note = JSONObject().put(KIND, download.kind).put(USELESS, isUseless)
        if (download is Download.OfPicture) {
            val postcard = download.postcard
            note
                .put("for user", download.isForUser)
                .put("id", postcard.id)
                .put("title", postcard.title)
                .put("date", postcard.date.toString())
                .put("path", postcard.picture.path)
                .put("bytes", postcard.picture.bytes)
                .put("sha256", postcard.picture.sha256)
        }
        return note.toString()
    }

    companion object {
        private const val KIND = "kind"
        private const val USELESS = "useless"
        private const val PICTURE = "picture"

        private val plain = listOf(Download.OfFeed, Download.OfNextFeed, Download.OfCover)

        private val Download.kind get() = if (this is Download.OfPicture) PICTURE else callerId

        /** None for what another version of the app wrote. */
        fun decoded(text: String): DownloadNote? =
            try {
                val note = JSONObject(text)
                val kind = note.getString(KIND)
                val download = if (kind == PICTURE) note.picture() else plain.firstOrNull { it.kind == kind }
                download?.let { DownloadNote(it, note.getBoolean(USELESS)) }
            } catch (_: JSONException) {
                null
            } catch (_: IllegalArgumentException) {
                null
            }

        private fun JSONObject.picture(): Download {
            val picture = Postcard.Picture(getString("path"), getLong("bytes"), getString("sha256"))
            val date = Instant.parse(getString("date"))
            return Download.OfPicture(
                Postcard(getString("id"), getString("title"), date, picture),
                getBoolean("for user"),
            )
        }
    }
}

/** None for a task that another version of the app made. */
internal val TaskInfo.note: DownloadNote? get() = metadata?.let(DownloadNote::decoded)
