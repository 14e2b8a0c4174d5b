package dev.backhaul

import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Instant
import kotlin.time.toJavaDuration
import kotlin.time.toJavaInstant
import kotlin.time.toKotlinDuration
import kotlin.time.toKotlinInstant

// From the library's types to Kotlin's ("imported") and back ("exported"). No unsigned type gets out: Java has none.

/** Stands for "for ever" where the library counts. */
private val LONGEST = 36_500.days

internal fun ULong.toCount(): Long = if (this > Long.MAX_VALUE.toULong()) Long.MAX_VALUE else toLong()

internal fun UInt.toCount(): Int = if (this > Int.MAX_VALUE.toUInt()) Int.MAX_VALUE else toInt()

/** A number of bytes that the app gave as its [name]. */
internal fun Long.exported(name: String): ULong =
    if (this >= 0) toULong() else throw invalidRequest("$name must not be negative: $this")

/** A number of things that the app gave as its [name]. */
internal fun Int.exported(name: String): UInt =
    if (this >= 0) toUInt() else throw invalidRequest("$name must not be negative: $this")

/** A duration that the app gave as its [name]. */
internal fun Duration.exported(name: String): java.time.Duration =
    if (isNegative()) {
        throw invalidRequest("$name must not be negative: $this")
    } else {
        coerceAtMost(LONGEST).toJavaDuration()
    }

internal fun java.time.Duration.imported(): Duration = toKotlinDuration()

internal fun Instant.exported(): java.time.Instant = toJavaInstant()

internal fun java.time.Instant.imported(): Instant = toKotlinInstant()

/** The value of the same name in an enumeration that is the same on both sides. */
internal inline fun <reified T : Enum<T>> Enum<*>.mirrored(): T = enumValueOf<T>(name)
