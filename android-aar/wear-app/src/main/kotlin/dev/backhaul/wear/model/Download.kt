package dev.backhaul.wear.model

import dev.backhaul.Destination
import dev.backhaul.Digest
import dev.backhaul.Request
import dev.backhaul.wear.R

/** Something that the app downloads. */
internal sealed class Download {
    /** The app's own name for the task: the same download is under way once (rule L5). */
    abstract val callerId: String

    abstract val title: Words

    /** Somebody waits for it. */
    abstract val isForUser: Boolean

    /** Below the folder on the server. */
    protected abstract val source: String

    /** Below the folder of what came. */
    protected abstract val path: String

    /** What is known of it in advance. */
    protected open fun describe(request: Request): Request = request

    /** As a request to the server. */
    fun request(server: String): Request =
        describe(
            Request(
                url = server + source,
                destination = Destination(BASE, path),
                callerId = callerId,
                metadata = DownloadNote(this).encoded(),
            ),
        )

    /** The feed, asked for by the user. It is looked at before it becomes the one of now. */
    data object OfFeed : Download() {
        override val callerId = "feed"
        override val title = Words.Own(R.string.download_feed)
        override val isForUser = true
        override val source = FEED
        override val path = "incoming/feed.json"
    }

    /** The feed, asked for in advance. */
    data object OfNextFeed : Download() {
        override val callerId = "next feed"
        override val title = Words.Own(R.string.download_next_feed)
        override val isForUser = false
        override val source = FEED
        override val path = "incoming/next-feed.json"
    }

    /** The picture of the day. */
    data object OfCover : Download() {
        override val callerId = "cover"
        override val title = Words.Own(R.string.download_cover)
        override val isForUser = true
        override val source = "cover"
        override val path = PostcardStore.COVER_PATH
    }

    /** The picture of a postcard; for the user, if its feed was. */
    data class OfPicture(
        val postcard: Postcard,
        override val isForUser: Boolean,
    ) : Download() {
        override val callerId = "picture ${postcard.id}"
        override val title = Words.Quoted(postcard.title)
        override val source = postcard.picture.path
        override val path = PostcardStore.picturePath(postcard.id)

        override fun describe(request: Request) =
            request.copy(
                // A large one waits for the charger, and says so before the first byte (rule P8).
                countOfBytesClientExpectsToReceive = postcard.picture.bytes,
                expectedDigest = Digest.sha256(postcard.picture.sha256),
                priority = LOW_PRIORITY,
            )
    }

    companion object {
        /** The name of the base directory that destinations lie in (rule D5). */
        const val BASE = "content"

        private const val FEED = "feed.json"
        private const val LOW_PRIORITY = 0.25f
    }
}
