package dev.backhaul.wear

import dev.backhaul.FaultServer
import dev.backhaul.wear.model.Postcard
import java.io.Closeable
import java.net.HttpURLConnection
import java.net.URI
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.deleteRecursively
import kotlin.io.path.writeBytes

/**
 * The server of the app: a real one, at one address for the whole of a test. What lies on it may change: then it is
 * started anew, which is done while the app asks for nothing.
 */
class Site : Closeable {
    private val folder = Files.createTempDirectory("wear-site-")
    private var server: FaultServer? = FaultServer()
    private val port = URI(running().url("")).port

    /** The folder that holds the feed. */
    val url: String = running().url("")

    private fun running() = checkNotNull(server) { "the server is stopped" }

    /** There is a feed with these postcards, and their pictures. */
    internal fun serve(vararg postcards: Postcard) = serve(feedOf(*postcards), *postcards)

    /** There is this in the place of a feed, and the pictures of these postcards. */
    internal fun serve(
        feed: ByteArray,
        vararg postcards: Postcard,
    ) {
        serve(mapOf("feed.json" to written("feed.json", feed), "cover" to written("cover", COVER)))
        for (postcard in postcards) put(postcard.picture.path, PictureBytes.queryOf(postcard.id))
    }

    /** There are these files. */
    fun serve(files: Map<String, Path>) {
        running().close()
        val arguments = files.flatMap { (name, file) -> listOf("--file", "$name=$file") }
        server = FaultServer("--port", "$port", *arguments.toTypedArray())
    }

    /** The next answer with the picture stops after so many bytes, and says no more until it is not waited for. */
    internal fun stall(
        postcard: Postcard,
        bytes: Int,
    ) = put(postcard.picture.path, PictureBytes.queryOf(postcard.id) + "&fault=stall&bytes=$bytes")

    /** The next answer with a feed is one that never comes to its end. */
    fun stallFeed() = put("feed.json", "size=10000&fault=stall&bytes=2500")

    private fun put(
        name: String,
        query: String,
    ) {
        val connection = URI(running().url(name, query)).toURL().openConnection() as HttpURLConnection
        connection.requestMethod = "PUT"
        check(connection.responseCode == HttpURLConnection.HTTP_CREATED) { "PUT $name: ${connection.responseCode}" }
        connection.disconnect()
    }

    private fun written(
        name: String,
        bytes: ByteArray,
    ): Path = folder.resolve(name).also { it.writeBytes(bytes) }

    @OptIn(ExperimentalPathApi::class)
    override fun close() {
        server?.close()
        server = null
        folder.deleteRecursively()
    }

    companion object {
        val COVER: ByteArray = "cover".encodeToByteArray()
    }
}
