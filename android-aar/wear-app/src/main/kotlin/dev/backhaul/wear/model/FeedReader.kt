package dev.backhaul.wear.model

import android.util.JsonReader
import java.io.IOException
import kotlin.time.Instant

/** The postcards of a feed, as they stand there. The reader is one that no nesting makes recurse. */
internal fun readPostcards(json: ByteArray): List<Postcard> =
    try {
        JsonReader(json.inputStream().reader()).use { reader ->
            // Behind it there is nothing, or the reader throws.
            reader.feed().also { reader.peek() }
        }
    } catch (broken: IOException) {
        throw FeedMistake.NotJson(broken.message)
    } catch (other: IllegalStateException) {
        // A value of another type than expected.
        throw FeedMistake.NotJson(other.message)
    } catch (bad: IllegalArgumentException) {
        // A number or a date that is none.
        throw FeedMistake.NotJson(bad.message)
    }

private fun JsonReader.feed(): List<Postcard> {
    val postcards = mutableListOf<Postcard>()
    fields { name ->
        if (name != "postcards") return@fields skipValue()
        beginArray()
        while (hasNext()) {
            if (postcards.size == Feed.LONGEST) throw FeedMistake.TooLong()
            postcards += postcard()
        }
        endArray()
    }
    return postcards
}

private fun JsonReader.postcard(): Postcard {
    var id: String? = null
    var title: String? = null
    var date: Instant? = null
    var picture: Postcard.Picture? = null
    fields { name ->
        when (name) {
            "id" -> id = nextString()
            "title" -> title = nextString()
            "date" -> date = Instant.parse(nextString())
            "picture" -> picture = picture()
            else -> skipValue()
        }
    }
    return Postcard(given("id", id), given("title", title), given("date", date), given("picture", picture))
}

private fun JsonReader.picture(): Postcard.Picture {
    var path: String? = null
    var bytes: Long? = null
    var sha256: String? = null
    fields { name ->
        when (name) {
            "path" -> path = nextString()
            "bytes" -> bytes = nextLong()
            "sha256" -> sha256 = nextString()
            else -> skipValue()
        }
    }
    return Postcard.Picture(given("path", path), given("bytes", bytes), given("sha256", sha256))
}

private inline fun JsonReader.fields(read: (String) -> Unit) {
    beginObject()
    while (hasNext()) read(nextName())
    endObject()
}

private fun <T : Any> given(
    name: String,
    value: T?,
): T = value ?: throw FeedMistake.NotJson("$name is missing")
