package dev.backhaul.android

import android.app.Application
import android.os.Looper
import dev.backhaul.BackgroundSessions
import dev.backhaul.SessionMaker
import java.util.concurrent.atomic.AtomicReference

/** What one process of the app has of the library. */
internal class AppProcess private constructor(
    application: Application,
    val sessions: BackgroundSessions,
    val wakes: JobWakeScheduler,
    private val monitor: ConditionsMonitor,
) {
    /** Starts transfers that the user asked for. */
    val transfers = TransferStarter(application, sessions, wakes.jobId)

    /** The jobs that run. Main thread. */
    val runs = JobRuns(sessions, wakes, monitor::lookAgain)

    /** Lets everything go, as if the process had died, only tidily. */
    fun end() {
        monitor.stop()
        wakes.stop()
        runs.end()
        sessions.close()
    }

    companion object {
        fun start(
            application: Application,
            make: SessionMaker,
        ): AppProcess {
            check(Looper.getMainLooper().isCurrentThread) { "call Backhaul.initialize on the main thread" }
            installLogcat()
            val container = containerOf(application)
            val marker = WakeMarker(container.resolveSibling("${container.fileName}.wake"))
            val wakes = JobWakeScheduler(application, wakeJobIdOf(application), marker)
            val told = AtomicReference<BackgroundSessions>()
            val monitor = ConditionsMonitor(application) { conditions -> told.get()?.setConditions(conditions) }
            val sessions =
                BackgroundSessions.launch(
                    container,
                    monitor.current,
                    previousExitOf(application, wakes.isLost),
                    wakes,
                    make,
                )
            told.set(sessions)
            monitor.start()
            return AppProcess(application, sessions, wakes, monitor)
        }
    }
}
