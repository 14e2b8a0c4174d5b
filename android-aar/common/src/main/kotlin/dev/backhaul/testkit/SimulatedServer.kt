package dev.backhaul.testkit

import dev.backhaul.exported
import dev.backhaul.mirrored
import kotlin.time.Duration
import dev.backhaul.ffi.ServerFault as GeneratedFault
import dev.backhaul.ffi.SimulatedObject as GeneratedObject

/** What a server says to tell versions of an object apart. */
public enum class SimulatedValidator {
    /** A strong `ETag`. */
    STRONG,

    /** A weak `ETag`. */
    WEAK,

    /** Only the time of the last change. */
    LAST_MODIFIED,

    /** Nothing. */
    NONE,

    /** A strong `ETag` that is another one in every answer, for the same bytes. */
    FICKLE,
}

/** What a server does with a `Range`. */
public enum class SimulatedRanges {
    /** It sends what was asked for, and checks `If-Range`. */
    HONOURED,

    /** It always sends everything. */
    IGNORED,

    /** It sends everything as soon as there is an `If-Range`. */
    NOT_IF_RANGE,

    /** It sends what was asked for, whatever `If-Range` says. */
    UNCHECKED,
}

/**
 * An object on a server. A later one with the same URL is its next version: another length, and other bytes.
 *
 * @property url where.
 * @property size its length in bytes.
 * @property validator what the server says to tell versions apart.
 * @property ranges what the server does with a `Range`.
 * @property sendsDigest the server sends a digest of the whole object.
 */
public data class SimulatedObject
    @JvmOverloads
    constructor(
        public val url: String,
        public val size: Long,
        public val validator: SimulatedValidator = SimulatedValidator.STRONG,
        public val ranges: SimulatedRanges = SimulatedRanges.HONOURED,
        public val sendsDigest: Boolean = false,
    )

internal fun SimulatedObject.exported() =
    GeneratedObject(url, size.exported("size"), validator.mirrored(), ranges.mirrored(), sendsDigest)

/** What a server does wrong. */
public sealed class ServerFault {
    /** Nothing: it is well again. */
    public data object None : ServerFault()

    /** It does not answer. */
    public data object Down : ServerFault()

    /**
     * It answers with this status.
     *
     * @property code 300 to 599.
     * @property retryAfter when it says to come back.
     */
    public data class Status(
        public val code: Int,
        public val retryAfter: Duration? = null,
    ) : ServerFault()

    /** It answers every range with 416. */
    public data object Unsatisfiable : ServerFault()

    /**
     * Its 206 begins so many bytes before what was asked for.
     *
     * @property bytes how many.
     */
    public data class Early(
        public val bytes: Long,
    ) : ServerFault()

    /**
     * Its 206 begins so many bytes behind what was asked for.
     *
     * @property bytes how many.
     */
    public data class Late(
        public val bytes: Long,
    ) : ServerFault()

    /** Its 206 has no `Content-Range`. */
    public data object NoContentRange : ServerFault()

    /**
     * The body ends after so many bytes, in good order.
     *
     * @property bytes how many.
     */
    public data class EndsAfter(
        public val bytes: Long,
    ) : ServerFault()

    /**
     * The connection breaks after so many bytes.
     *
     * @property bytes how many.
     */
    public data class BreaksAfter(
        public val bytes: Long,
    ) : ServerFault()

    /**
     * Nothing more comes after so many bytes, and nothing breaks.
     *
     * @property bytes how many.
     */
    public data class StallsAfter(
        public val bytes: Long,
    ) : ServerFault()
}

internal fun ServerFault.exported(): GeneratedFault =
    when (this) {
        ServerFault.None -> GeneratedFault.None
        ServerFault.Down -> GeneratedFault.Down
        is ServerFault.Status -> GeneratedFault.Status(status(code), retryAfter?.exported("retryAfter"))
        ServerFault.Unsatisfiable -> GeneratedFault.Unsatisfiable
        is ServerFault.Early -> GeneratedFault.Early(bytes.exported("bytes"))
        is ServerFault.Late -> GeneratedFault.Late(bytes.exported("bytes"))
        ServerFault.NoContentRange -> GeneratedFault.NoContentRange
        is ServerFault.EndsAfter -> GeneratedFault.EndsAfter(bytes.exported("bytes"))
        is ServerFault.BreaksAfter -> GeneratedFault.BreaksAfter(bytes.exported("bytes"))
        is ServerFault.StallsAfter -> GeneratedFault.StallsAfter(bytes.exported("bytes"))
    }

/** The library judges it; here it must only fit. */
private fun status(code: Int): UShort = code.coerceIn(0, UShort.MAX_VALUE.toInt()).toUShort()
