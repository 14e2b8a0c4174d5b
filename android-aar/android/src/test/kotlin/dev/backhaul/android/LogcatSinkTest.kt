package dev.backhaul.android

import android.util.Log
import dev.backhaul.LogLevel
import dev.backhaul.LogRecord
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.shadows.ShadowLog
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

@RunWith(RobolectricTestRunner::class)
class LogcatSinkTest {
    private fun lines() = ShadowLog.getLogsForTag(LogcatSink.TAG).orEmpty()

    private fun written(text: String): List<String> {
        ShadowLog.reset()
        LogcatSink.log(LogRecord(LogLevel.INFO, "backhaul::engine", text))
        return lines().map { it.msg }
    }

    // rule E4
    @Test
    fun `each level has its own in logcat`() {
        val priorities =
            mapOf(
                LogLevel.ERROR to Log.ERROR,
                LogLevel.WARN to Log.WARN,
                LogLevel.INFO to Log.INFO,
                LogLevel.DEBUG to Log.DEBUG,
                LogLevel.TRACE to Log.VERBOSE,
            )
        for (level in LogLevel.entries) LogcatSink.log(LogRecord(level, "backhaul::store", "opened"))
        assertEquals(LogLevel.entries.map { priorities.getValue(it) }, lines().map { it.type })
        assertTrue(lines().all { it.msg == "backhaul::store: opened" && it.tag == "Backhaul" })
    }

    // rule E4
    @Test
    fun `a long line comes in pieces, none longer than logcat takes, and none cuts a character`() {
        assertEquals(1, written("a short one").size)
        for (text in listOf(
            "a".repeat(9_000),
            "ä".repeat(9_000),
            "€".repeat(9_000),
            "😀".repeat(9_000),
            "\u0000".repeat(9_000),
        )) {
            val pieces = written(text)
            assertEquals("backhaul::engine: $text", pieces.joinToString(""))
            assertTrue(pieces.size > 2)
            for (piece in pieces) {
                assertTrue(bytesAsLogcatCounts(piece) <= LogcatSink.PIECE_LIMIT_BYTES, "${piece.length} characters")
                assertEquals(piece, String(piece.toByteArray()), "a character was cut in two")
            }
        }
        assertEquals(1, written("a".repeat(LogcatSink.PIECE_LIMIT_BYTES - "backhaul::engine: ".length)).size)
    }

    /** JNI's UTF-8, as Java itself writes it. */
    private fun bytesAsLogcatCounts(text: String): Int {
        val out = java.io.ByteArrayOutputStream()
        java.io.DataOutputStream(out).writeUTF(text)
        return out.size() - 2
    }
}
