package dev.backhaul

import dev.backhaul.ffi.CallbackException
import dev.backhaul.ffi.ErrorInfo

/**
 * Calls code of the app: whatever it throws goes back to the library as an error. The generated code would let an
 * [Error] pass as a success.
 */
internal inline fun <T> guarded(call: () -> T): T =
    try {
        call()
    } catch (
        @Suppress("TooGenericExceptionCaught") thrown: Throwable,
    ) {
        throw CallbackException.Failed(describe(thrown))
    }

/** One line for the log: what, and where. */
internal fun describe(thrown: Throwable): String {
    val place = thrown.stackTrace.firstOrNull()
    return listOfNotNull(thrown.toString().lineSequence().first(), place?.let { "at $it" }).joinToString(" ")
}

/** The app's delegate, and its session's observers, as the library calls them. */
internal class DelegateAdapter(
    private val delegate: SessionDelegate?,
    private val observers: Observers,
) : GeneratedDelegate {
    /** The delegate first; observers are told even when it throws: it has happened. */
    private inline fun tell(
        event: SessionEvent,
        call: SessionDelegate.() -> Unit,
    ) {
        try {
            guarded { delegate?.call() }
        } finally {
            observers.tell(event)
        }
    }

    override fun didCreateTask(task: GeneratedTaskInfo) {
        val info = task.imported()
        tell(SessionEvent.TaskCreated(info)) { didCreateTask(info) }
    }

    override fun taskIsWaiting(
        task: GeneratedTaskInfo,
        reason: GeneratedWaitReason,
    ) {
        val event = SessionEvent.TaskWaiting(task.imported(), reason.imported())
        tell(event) { taskIsWaiting(event.task, event.reason) }
    }

    override fun willPerformRedirection(
        task: GeneratedTaskInfo,
        response: GeneratedResponse,
        url: String,
    ): Boolean = guarded { delegate?.willPerformHTTPRedirection(task.imported(), response.imported(), url) ?: true }

    override fun didResumeAtOffset(
        task: GeneratedTaskInfo,
        offset: ULong,
        total: ULong?,
    ) {
        val event = SessionEvent.ResumedAtOffset(task.imported(), offset.toCount(), total?.toCount())
        tell(event) { didResumeAtOffset(event.task, event.offset, event.expectedTotalBytes) }
    }

    override fun didReceiveResponse(
        task: GeneratedTaskInfo,
        response: GeneratedResponse,
    ) {
        val event = SessionEvent.ResponseReceived(task.imported(), response.imported())
        tell(event) { didReceiveResponse(event.task, event.response) }
    }

    override fun didRestart(
        task: GeneratedTaskInfo,
        reason: dev.backhaul.ffi.RestartReason,
        discarded: ULong,
    ) {
        val event = SessionEvent.Restarted(task.imported(), reason.mirrored(), discarded.toCount())
        tell(event) { didRestart(event.task, event.reason, event.discarded) }
    }

    override fun didWriteData(
        task: GeneratedTaskInfo,
        progress: GeneratedProgress,
    ) {
        val event = SessionEvent.DataWritten(task.imported(), progress.imported())
        tell(event) { didWriteData(event.task, event.progress) }
    }

    override fun didFinishCollectingMetrics(
        task: GeneratedTaskInfo,
        metrics: GeneratedTaskMetrics,
    ) {
        val event = SessionEvent.MetricsCollected(task.imported(), metrics.imported())
        tell(event) { didFinishCollectingMetrics(event.task, event.metrics) }
    }

    override fun didFinishDownloadingTo(
        task: GeneratedTaskInfo,
        file: GeneratedDownloadedFile,
    ) {
        val event = SessionEvent.DownloadFinished(task.imported(), file.imported())
        tell(event) { didFinishDownloadingTo(event.task, event.file) }
    }

    override fun didComplete(
        task: GeneratedTaskInfo,
        error: ErrorInfo?,
    ) {
        val event = SessionEvent.TaskCompleted(task.imported(), error?.toException())
        tell(event) { didComplete(event.task, event.error) }
    }

    override fun didFinishEventsForBackgroundSession() {
        tell(SessionEvent.EventsFinished) { didFinishEventsForBackgroundSession() }
    }

    override fun didCancelUnknownTransfer(transfer: GeneratedTransferId) {
        val event = SessionEvent.UnknownTransferCancelled(transfer.imported())
        tell(event) { didCancelUnknownTransfer(event.transfer) }
    }

    override fun didRecoverStore(recovery: GeneratedStoreRecovery) {
        val event = SessionEvent.StoreRecovered(recovery.imported())
        tell(event) { didRecoverStore(event.recovery) }
    }

    override fun didBecomeInvalid(error: ErrorInfo?) {
        val event = SessionEvent.BecameInvalid(error?.toException())
        tell(event) { didBecomeInvalid(event.error) }
    }
}
