package dev.backhaul.android

import dev.backhaul.DownloadTask
import dev.backhaul.Session
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import kotlin.time.Duration.Companion.seconds

/** The system drops updates of a notification that come much more often. */
private val INTERVAL = 1.seconds

/**
 * Looks once a second how far the tasks of a transfer are, while its job runs: a session tells no progress to anybody
 * while the app is not in front (rule W2). It reads the store on threads that may wait, and tells on the main thread.
 */
internal class TransferWatch(
    private val session: Session,
    private val spec: TransferSpec,
    private val tell: (TransferSum) -> Unit,
) {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.IO)
    private val tick = Runnable(::showNow)
    private var isClosed = false

    /** Main thread, as all of this. */
    fun begin(): Unit = showNow()

    /** Looks once more, and says how they stand. */
    fun look(conclusion: (TransferSum) -> Unit) {
        scope.launch {
            val sum = sum()
            MainThread.execute { conclusion(sum) }
        }
    }

    /** No more of it. */
    fun close() {
        end()
        session.close()
    }

    /** As [close]. The user wants no more of the tasks for now: they keep their bytes until the app resumes them. */
    fun suspendTasks() {
        end()
        CoroutineScope(Dispatchers.IO).launch { session.use { it.each(spec.tasks, DownloadTask::suspendBlocking) } }
    }

    private fun end() {
        isClosed = true
        MainThread.handler.removeCallbacks(tick)
        scope.cancel()
    }

    private fun showNow(): Unit =
        look { sum ->
            if (!isClosed) {
                tell(sum)
                MainThread.handler.postDelayed(tick, INTERVAL.inWholeMilliseconds)
            }
        }

    private fun sum() = TransferSum.of(session.each(spec.tasks, DownloadTask::infoBlocking))
}
