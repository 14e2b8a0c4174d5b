package dev.backhaul.android

import dev.backhaul.SystemConditions

/** Enters what a source saw into what was known. */
internal typealias Change = (SystemConditions) -> SystemConditions

/** One thing that the device says about itself, and how its changes are heard of. Main thread. */
internal interface ConditionsSource {
    /** Enters what the device says now into what was [known]. */
    fun look(known: SystemConditions): SystemConditions

    /** Tells of what may have changed, on the main thread, until [stop]. */
    fun start(tell: (Change) -> Unit)

    /** Tells no more, and has nothing registered any more. Again does nothing. */
    fun stop()
}
