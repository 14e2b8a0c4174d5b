package dev.backhaul.wear.model

/** Why a file is not a feed. */
internal sealed class FeedMistake(
    message: String,
) : Exception(message) {
    class NotJson(
        reason: String?,
    ) : FeedMistake("not a feed in JSON: $reason")

    class TooLong : FeedMistake("more than ${Feed.LONGEST} postcards, or more than ${Feed.LONGEST_BYTES} bytes")

    /** An id is not fit to be a file's name, or is there twice. */
    class BadId(
        val id: String,
    ) : FeedMistake("the id of a postcard: $id")

    /** A picture's path leads out of the feed's folder. */
    class BadPath(
        val path: String,
    ) : FeedMistake("the path of a picture: $path")

    /** A digest is not a SHA-256 in hex digits, or a length is negative. */
    class BadPicture(
        val id: String,
    ) : FeedMistake("the length or the digest of the picture of $id")
}

/** What the server has to show: a small JSON file. Whoever holds one knows that it is in order. */
internal class Feed private constructor(
    /** In the order of their dates. */
    val postcards: List<Postcard>,
) {
    companion object {
        /** More than a watch shows in a day. */
        const val LONGEST = 64

        /** Enough for so many, with long titles. */
        const val LONGEST_BYTES = 256 * 1024

        private val name = Regex("[A-Za-z0-9_-]{1,64}")
        private val fileName = Regex("${name.pattern}(\\.${name.pattern})*")
        private val digest = Regex("[0-9A-Fa-f]{64}")

        /**
         * Reads a feed that came from a server: nothing of it is taken on trust.
         *
         * @throws FeedMistake
         */
        fun read(json: ByteArray): Feed {
            if (json.size > LONGEST_BYTES) throw FeedMistake.TooLong()
            return of(readPostcards(json))
        }

        /** @throws FeedMistake for what the postcards have wrong. */
        fun of(postcards: List<Postcard>): Feed {
            if (postcards.size > LONGEST) throw FeedMistake.TooLong()
            val ids = mutableSetOf<String>()
            for (postcard in postcards) {
                val picture = postcard.picture
                if (!name.matches(postcard.id) || !ids.add(postcard.id)) throw FeedMistake.BadId(postcard.id)
                if (!picture.path.split('/').all(fileName::matches)) throw FeedMistake.BadPath(picture.path)
                if (picture.bytes < 0 || !digest.matches(picture.sha256)) throw FeedMistake.BadPicture(postcard.id)
            }
            return Feed(postcards.sortedBy { it.date })
        }
    }
}
