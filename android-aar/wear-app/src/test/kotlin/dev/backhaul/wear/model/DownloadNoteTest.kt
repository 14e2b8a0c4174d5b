package dev.backhaul.wear.model

import dev.backhaul.wear.postcard
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNull

/** What travels with a task to whichever process is told of it. */
@RunWith(RobolectricTestRunner::class)
class DownloadNoteTest {
    // rule L3
    @Test
    fun `a note comes back as it went`() {
        val downloads =
            listOf(
                Download.OfFeed,
                Download.OfNextFeed,
                Download.OfCover,
                Download.OfPicture(postcard("noon", hour = 12).copy(title = "\"Noon\"\n☀"), isForUser = true),
                Download.OfPicture(postcard("evening"), isForUser = false),
            )
        for (download in downloads) {
            for (note in listOf(DownloadNote(download), DownloadNote(download, isUseless = true))) {
                assertEquals(note, DownloadNote.decoded(note.encoded()))
            }
        }
        assertEquals(downloads.size, downloads.map { it.callerId }.toSet().size)
    }

    @Test
    fun `a note of another version is none`() {
        val note = DownloadNote(Download.OfPicture(postcard("noon"), isForUser = true)).encoded()
        val others =
            listOf(
                "",
                "a note",
                "[]",
                "{}",
                """{"kind": "stamp", "useless": false}""",
                """{"kind": "feed"}""",
                note.replace("title", "name"),
                note.replace("2026", "year"),
            )
        for (text in others) assertNull(DownloadNote.decoded(text), text)
    }
}
