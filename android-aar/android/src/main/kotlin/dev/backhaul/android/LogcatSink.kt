package dev.backhaul.android

import android.util.Log
import dev.backhaul.LogLevel
import dev.backhaul.LogRecord
import dev.backhaul.LogSink
import dev.backhaul.TransferException
import dev.backhaul.Log as BackhaulLog

/**
 * Writes the library's log to logcat (rule E4), under the tag `Backhaul`. [Backhaul.initialize] gives it to
 * [dev.backhaul.Log.setSink], for the levels that the device lets pass: `adb shell setprop log.tag.Backhaul DEBUG`
 * before the process starts shows more.
 */
public object LogcatSink : LogSink {
    internal const val TAG = "Backhaul"

    /** Logcat cuts a line off after about 4,068 bytes, its tag included. */
    internal const val PIECE_LIMIT_BYTES = 4000

    override fun log(record: LogRecord) {
        val priority = record.level.priority
        for (piece in piecesOf("${record.target}: ${record.text}")) Log.println(priority, TAG, piece)
    }
}

/** Sends the library's log to logcat. A process that has another logger already keeps that one. */
internal fun installLogcat() {
    val level = logcatLevel() ?: return
    try {
        BackhaulLog.setSink(LogcatSink, level)
    } catch (error: TransferException.System) {
        Log.w(LogcatSink.TAG, "the library's log does not come to logcat", error)
    }
}

/** The last level that the device lets pass; none if it lets none. */
internal fun logcatLevel(): LogLevel? = LogLevel.entries.lastOrNull { Log.isLoggable(LogcatSink.TAG, it.priority) }

private val LogLevel.priority: Int
    get() =
        when (this) {
            LogLevel.ERROR -> Log.ERROR
            LogLevel.WARN -> Log.WARN
            LogLevel.INFO -> Log.INFO
            LogLevel.DEBUG -> Log.DEBUG
            LogLevel.TRACE -> Log.VERBOSE
        }

/** [text] in pieces that logcat takes whole; no character is cut in two. */
private fun piecesOf(text: String): Sequence<String> =
    sequence {
        var start = 0
        var bytes = 0
        var index = 0
        while (index < text.length) {
            val end = if (isPair(text, index)) index + 2 else index + 1
            val width = (index until end).sumOf { widthOf(text[it]) }
            if (bytes + width > LogcatSink.PIECE_LIMIT_BYTES) {
                yield(text.substring(start, index))
                start = index
                bytes = 0
            }
            bytes += width
            index = end
        }
        yield(text.substring(start))
    }

private fun isPair(
    text: String,
    index: Int,
) = text[index].isHighSurrogate() && index + 1 < text.length && text[index + 1].isLowSurrogate()

/** In Java's own UTF-8, which logcat is given: each half of a pair has three bytes, and no byte is zero. */
private fun widthOf(char: Char): Int =
    when {
        char in '\u0001'..'\u007F' -> 1
        char <= '\u07FF' -> 2
        else -> 3
    }
