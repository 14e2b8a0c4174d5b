package dev.backhaul

import dev.backhaul.ffi.setLogSink
import dev.backhaul.ffi.LogLevel as GeneratedLogLevel
import dev.backhaul.ffi.LogRecord as GeneratedLogRecord

/** How much a record of the log matters. */
public enum class LogLevel {
    /** Something is wrong. */
    ERROR,

    /** Something may be. */
    WARN,

    /** What an operator wants to know. */
    INFO,

    /** What a developer wants to know. */
    DEBUG,

    /** Everything. */
    TRACE,
}

/**
 * One line of the log. Nothing in it holds a credential (rule E4).
 *
 * @property level how much it matters.
 * @property target which part of the library speaks.
 * @property text what it says.
 */
public data class LogRecord(
    public val level: LogLevel,
    public val target: String,
    public val text: String,
)

/** Writes the library's log. Called on a thread of its own, one record at a time, in order. */
public fun interface LogSink {
    /** Writes a record. What it throws is lost. */
    public fun log(record: LogRecord)
}

/** The library's log (rule E4). One for the process. */
public object Log {
    /**
     * Sends the log to [sink] from now on, records of [level] and above; none sends it nowhere. The sink before is
     * released. A sink that is too slow loses records, and is told how many.
     *
     * @throws TransferException.System when the process has another logger already, or no thread can be had.
     */
    @JvmStatic
    @JvmOverloads
    @Throws(TransferException::class)
    public fun setSink(
        sink: LogSink?,
        level: LogLevel = LogLevel.INFO,
    ) {
        NativeLibrary.load()
        calling { setLogSink(sink?.let(::LogSinkAdapter), level.mirrored<GeneratedLogLevel>()) }
    }
}

private class LogSinkAdapter(
    private val sink: LogSink,
) : GeneratedLogSink {
    override fun log(record: GeneratedLogRecord) {
        guarded { sink.log(LogRecord(record.level.mirrored(), record.target, record.text)) }
    }
}
