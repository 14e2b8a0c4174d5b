package dev.backhaul

import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.LockSupport
import kotlin.test.fail
import kotlin.time.TimeSource

/** Waits for what nobody tells: the work of a garbage collector. Each round gives it a little more time. */
fun eventually(
    what: String,
    isSo: () -> Boolean,
) {
    val began = TimeSource.Monotonic.markNow()
    while (!isSo()) {
        if (began.elapsedNow() > PATIENCE) fail("still not: $what")
        System.gc()
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10))
    }
}
