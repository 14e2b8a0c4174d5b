package dev.backhaul.wear

import dev.backhaul.FaultServer
import dev.backhaul.wear.model.Postcard
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject
import java.security.MessageDigest
import kotlin.time.Duration.Companion.hours
import kotlin.time.Instant

/** The midnight that the hours of the postcards are counted from. */
val day: Instant = Instant.parse("2026-01-01T00:00:00Z")

/** The picture of this one is larger than what a watch fetches at any time. */
const val PANORAMA = "panorama"

/** What a server has as the pictures of postcards. */
internal object PictureBytes {
    private val known = mutableMapOf<String, ByteArray>()

    fun sizeOf(id: String): Int = if (id == PANORAMA) 6 shl 20 else 400_000

    /** How the server is told to make one. */
    fun queryOf(id: String): String = "size=${sizeOf(id)}&seed=${seedOf(id)}"

    fun of(id: String): ByteArray =
        known.getOrPut(id) {
            FaultServer.shared.put("picture-of-$id", sizeOf(id).toLong(), seedOf(id))
            FaultServer.shared.bytes("picture-of-$id")
        }

    private fun seedOf(id: String) = id.hashCode().toLong() and 0xffff
}

/** A postcard of the tests, whose picture is to be had of a [Site]. */
internal fun servedPostcard(
    id: String,
    hour: Int,
): Postcard {
    val picture = PictureBytes.of(id)
    return postcard(id, hour, sha256 = picture.sha256()).run {
        copy(picture = this.picture.copy(bytes = picture.size.toLong()))
    }
}

/** A postcard that nobody asks for. */
internal fun postcard(
    id: String,
    hour: Int = 0,
    path: String = "pictures/$id.png",
    sha256: String = "0".repeat(64),
): Postcard {
    val title = id.replaceFirstChar { it.uppercase() }
    return Postcard(id, title, day + hour.hours, Postcard.Picture(path, 1, sha256))
}

private fun ByteArray.sha256() =
    MessageDigest.getInstance("SHA-256").digest(this).joinToString("") { "%02x".format(it) }

/** As a server sends it. */
internal fun feedOf(vararg postcards: Postcard): ByteArray {
    val array = JSONArray()
    for (postcard in postcards) {
        val picture =
            JSONObject()
                .put("path", postcard.picture.path)
                .put("bytes", postcard.picture.bytes)
                .put("sha256", postcard.picture.sha256)
        array.put(
            JSONObject()
                .put("id", postcard.id)
                .put("title", postcard.title)
                .put("date", postcard.date.toString())
                .put("picture", picture),
        )
    }
    return JSONObject().put("postcards", array).toString().encodeToByteArray()
}

/** What waits for a disk is not for the main thread, which is the tests' own. */
fun <T> offMainThread(work: () -> T): T = runBlocking(Dispatchers.IO) { work() }
