package dev.backhaul.android

import android.os.SystemClock
import dev.backhaul.WakeRequest
import kotlin.time.Clock
import kotlin.time.Duration.Companion.days

/** `JobScheduler` counts further, but nobody means it. */
private val LONGEST_MS = 365.days.inWholeMilliseconds

/**
 * A wake by the clock since boot, as `JobScheduler` counts: a wall clock that is set while the request waits to be
 * handed over moves nothing (rule P7).
 *
 * @property request as it was asked for.
 * @property at not before this, in milliseconds since boot.
 * @property latest when to wake although the constraints do not hold.
 */
internal data class Wanted(
    val request: WakeRequest,
    val at: Long,
    val latest: Long?,
) {
    companion object {
        /** The request, made just now. */
        fun of(request: WakeRequest): Wanted {
            val wall = Clock.System.now()
            val now = SystemClock.elapsedRealtime()
            val inMs = { moment: kotlin.time.Instant -> (moment - wall).inWholeMilliseconds.coerceIn(0, LONGEST_MS) }
            return Wanted(request, now + inMs(request.at), request.latest?.let { now + inMs(it) })
        }
    }
}
