package dev.backhaul.wear.model

import android.content.res.Resources

/** What a screen says: words of the app's own, in the user's language, or what somebody else said. */
internal sealed interface Words {
    /**
     * @property id of a string.
     */
    data class Own(
        val id: Int,
    ) : Words

    /**
     * @property text a title from the feed, or a sentence of the library's.
     */
    data class Quoted(
        val text: String,
    ) : Words
}

internal fun Words.text(resources: Resources): String =
    when (this) {
        is Words.Own -> resources.getString(id)
        is Words.Quoted -> text
    }
