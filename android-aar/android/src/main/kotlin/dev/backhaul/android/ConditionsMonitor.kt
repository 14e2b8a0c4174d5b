package dev.backhaul.android

import android.app.Application
import android.os.Looper
import dev.backhaul.SystemConditions

/**
 * Watches what the device is like, and where the app is in its life. It polls nothing, and calls [onChange] on the main
 * thread whenever something changed since it spoke last; at first since it was made. That the app becomes active is such
 * a change, and has everything told that waits in the journal (rule W7).
 *
 * Main thread, save for [current].
 */
internal class ConditionsMonitor(
    application: Application,
    private val onChange: (SystemConditions) -> Unit,
) {
    private val standby = standbySourceOrNull(application)
    private val sources =
        listOfNotNull(
            NetworkSource(application),
            batterySource(application),
            powerSaverSource(application),
            thermalSourceOrNull(application),
            storageSource(application),
            AppStateSource(application),
            dataSaverSource(application),
            standby,
            unlockSource(application),
        )
    private var isStarted = false

    /** What the device was like when it spoke last. Any thread. */
    @Volatile
    var current: SystemConditions = seen(SystemConditions())
        private set

    /** Speaks from now on. Again does nothing. */
    fun start() {
        requireMainThread()
        if (isStarted) return
        isStarted = true
        for (source in sources) source.start(::hear)
        lookAgain()
    }

    /** Says no more, and has nothing registered any more. */
    fun stop() {
        requireMainThread()
        isStarted = false
        for (source in sources) source.stop()
    }

    /** Looks at everything: at a wake, when notifications may still be on their way. */
    fun lookAgain() {
        requireMainThread()
        hear(::seen)
    }

    private fun seen(conditions: SystemConditions) = sources.fold(conditions) { known, source -> source.look(known) }

    /** What was posted before a stop may come after it. */
    private fun hear(change: Change) {
        if (!isStarted) return
        val changed = change(current)
        if (changed == current) return
        current = standby?.look(changed) ?: changed
        onChange(current)
    }

    private fun requireMainThread() =
        check(Looper.getMainLooper().isCurrentThread) { "the device's conditions are watched from the main thread" }
}
