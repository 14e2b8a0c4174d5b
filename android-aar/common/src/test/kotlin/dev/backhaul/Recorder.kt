package dev.backhaul

import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock
import kotlin.test.fail
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** No test waits longer for anything. */
val PATIENCE: Duration = 30.seconds

/** Calls that a failure shows. */
private const val SHOWN = 20

/** One call of a delegate method: its event, and the thread that it came on. */
data class Call(
    val event: SessionEvent,
    val thread: Thread,
)

/**
 * A delegate that writes down every call, in order, and lets a test wait for what it needs to see. It never sleeps.
 *
 * [onCall] is run in each call, after it was written down: it may throw, block, or call the session.
 */
class Recorder(
    private val onCall: (SessionEvent) -> Unit = {},
) : SessionDelegate {
    private val lock = ReentrantLock()
    private val changed = lock.newCondition()
    private val all = mutableListOf<Call>()

    /** The answer about redirects. */
    var follows: Boolean = true

    val calls: List<Call> get() = lock.withLock { all.toList() }
    val events: List<SessionEvent> get() = calls.map { it.event }

    /** Waits until the calls so far satisfy [enough]; fails with what was seen instead. */
    fun await(enough: (List<SessionEvent>) -> Boolean): List<SessionEvent> =
        lock.withLock {
            var left = PATIENCE.inWholeNanoseconds
            while (!enough(all.map { it.event })) {
                if (left <= 0) fail("seen: ${all.takeLast(SHOWN).map { it.event }}")
                left = changed.awaitNanos(left)
            }
            all.map { it.event }
        }

    /** Waits for the end of so many tasks. */
    fun awaitEnds(count: Int = 1): List<SessionEvent.TaskCompleted> =
        await { events ->
            events.count { it is SessionEvent.TaskCompleted } >= count
        }.filterIsInstance<SessionEvent.TaskCompleted>()

    /** Waits for the last call of all. */
    fun awaitInvalid(): List<SessionEvent> = await { it.lastOrNull() is SessionEvent.BecameInvalid }

    private fun called(event: SessionEvent) {
        lock.withLock {
            all += Call(event, Thread.currentThread())
            changed.signalAll()
        }
        onCall(event)
    }

    override fun didCreateTask(task: TaskInfo) = called(SessionEvent.TaskCreated(task))

    override fun taskIsWaiting(
        task: TaskInfo,
        reason: WaitReason,
    ) = called(SessionEvent.TaskWaiting(task, reason))

    override fun willPerformHTTPRedirection(
        task: TaskInfo,
        response: Response,
        url: String,
    ): Boolean {
        onCall(SessionEvent.ResponseReceived(task, response))
        return follows
    }

    override fun didResumeAtOffset(
        task: TaskInfo,
        offset: Long,
        expectedTotalBytes: Long?,
    ) = called(SessionEvent.ResumedAtOffset(task, offset, expectedTotalBytes))

    override fun didReceiveResponse(
        task: TaskInfo,
        response: Response,
    ) = called(SessionEvent.ResponseReceived(task, response))

    override fun didRestart(
        task: TaskInfo,
        reason: RestartReason,
        discarded: Long,
    ) = called(SessionEvent.Restarted(task, reason, discarded))

    override fun didWriteData(
        task: TaskInfo,
        progress: Progress,
    ) = called(SessionEvent.DataWritten(task, progress))

    override fun didFinishCollectingMetrics(
        task: TaskInfo,
        metrics: TaskMetrics,
    ) = called(SessionEvent.MetricsCollected(task, metrics))

    override fun didFinishDownloadingTo(
        task: TaskInfo,
        file: DownloadedFile,
    ) = called(SessionEvent.DownloadFinished(task, file))

    override fun didComplete(
        task: TaskInfo,
        error: TransferException?,
    ) = called(SessionEvent.TaskCompleted(task, error))

    override fun didFinishEventsForBackgroundSession() = called(SessionEvent.EventsFinished)

    override fun didCancelUnknownTransfer(transfer: TransferId) =
        called(SessionEvent.UnknownTransferCancelled(transfer))

    override fun didRecoverStore(recovery: StoreRecovery) = called(SessionEvent.StoreRecovered(recovery))

    override fun didBecomeInvalid(error: TransferException?) = called(SessionEvent.BecameInvalid(error))
}
