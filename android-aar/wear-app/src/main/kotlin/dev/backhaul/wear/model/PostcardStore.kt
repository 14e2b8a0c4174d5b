package dev.backhaul.wear.model

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteExisting
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes

/**
 * The files that arrived. Downloads have their destinations below [directory]. Any thread but the main one, which must
 * not wait for a disk.
 */
internal class PostcardStore(
    val directory: Path,
) {
    private val feedFile = directory.resolve("feed.json")

    /** The feed of now; none until the first one has come. */
    fun feed(): Feed? {
        offMain()
        if (!feedFile.exists()) return null
        return try {
            Feed.read(feedFile.readBytes())
        } catch (_: FeedMistake) {
            // A version of the app with other rules took it. The next one is asked for as if there were none.
            null
        }
    }

    /** The picture of a postcard, if it has come. */
    fun picture(id: String): Path? = found(picturePath(id))

    /** The picture of the day, if it has come. */
    val cover: Path? get() = found(COVER_PATH)

    private fun found(path: String): Path? {
        offMain()
        return directory.resolve(path).takeIf { it.exists() }
    }

    /**
     * Makes a feed the one of now, and removes the pictures that it no longer names. The file is put in place whole.
     *
     * @throws FeedMistake for what is not a feed.
     */
    fun install(json: ByteArray) {
        offMain()
        val feed = Feed.read(json)
        directory.createDirectories()
        val incoming = directory.resolve(".feed.json")
        incoming.writeBytes(json)
        Files.move(incoming, feedFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING)
        val named = feed.postcards.map { it.id }.toSet()
        pictures().filter { it.name !in named }.forEach { it.deleteExisting() }
    }

    private fun pictures(): List<Path> {
        val folder = directory.resolve(PICTURES)
        // What begins with a dot is a download that is under way.
        return if (folder.exists()) folder.listDirectoryEntries().filterNot { it.name.startsWith(".") } else emptyList()
    }

    companion object {
        private const val PICTURES = "pictures"

        /** Where the picture of the day lies. */
        const val COVER_PATH = "cover"

        /** Where a picture lies below [directory]. */
        fun picturePath(id: String): String = "$PICTURES/$id"
    }
}
