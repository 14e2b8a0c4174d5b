package dev.backhaul.wear.model

import kotlin.time.Instant

/**
 * A picture with a few words, to be shown from a date on.
 *
 * Its id stands for one picture for ever: what is here under its name is never asked for again.
 *
 * @property id letters, digits, `-` and `_`: it becomes the name of a file.
 * @property title a few words.
 * @property date from when on it is shown.
 * @property picture where its picture is, and what that must be.
 */
internal data class Postcard(
    val id: String,
    val title: String,
    val date: Instant,
    val picture: Picture,
) {
    /**
     * @property path below the feed's own folder on the server.
     * @property bytes its length.
     * @property sha256 its digest in hex digits.
     */
    data class Picture(
        val path: String,
        val bytes: Long,
        val sha256: String,
    )
}
