package dev.backhaul.android.testkit

import android.os.Looper
import dev.backhaul.PATIENCE
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowPausedLooper
import kotlin.test.fail
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.TimeSource
import kotlin.time.toJavaDuration

/** The main thread, which is the test's own: nothing happens on it but here. */
object MainLooper {
    private val looper get() = shadowOf(Looper.getMainLooper())

    /** A poll that hears nothing looks again after this: what a test waits for may be no message. */
    private val LOOK = 20.milliseconds

    /** Does what was posted. */
    fun idle() = looper.idle()

    /** Lets time pass, and does what is due. */
    fun idleFor(time: Duration) = looper.idleFor(time.toJavaDuration())

    /** Does what is posted for so long. Not to wait for something: to let it be anywhere. */
    fun pass(time: Duration) {
        val began = TimeSource.Monotonic.markNow()
        idle()
        while (began.elapsedNow() < time) {
            (looper as ShadowPausedLooper).poll((time - began.elapsedNow()).inWholeMilliseconds.coerceAtLeast(1))
            idle()
        }
        idleFor(time)
    }

    /** Does what is posted until something is so. The device's clock goes on with the real one meanwhile. */
    fun await(
        what: String,
        isSo: () -> Boolean,
    ) {
        val began = TimeSource.Monotonic.markNow()
        var passed = Duration.ZERO
        idle()
        while (!isSo()) {
            if (passed > PATIENCE) fail("still not: $what")
            (looper as ShadowPausedLooper).poll(LOOK.inWholeMilliseconds)
            val now = began.elapsedNow()
            idleFor(now - passed)
            passed = now
        }
    }
}
