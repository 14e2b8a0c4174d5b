package dev.backhaul

import dev.backhaul.ffi.ErrorKind
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.flow

/**
 * A handle to a download: its session and its number. It holds nothing of the system's; two handles to the same task
 * are equal.
 *
 * [resume], [suspend] and [cancel] may be called any number of times, in any order; each returns when the change is
 * durable, and has a twin that blocks, for delegates and Java. Any thread.
 *
 * All of them throw [TransferException.UnknownTask] once the task was forgotten, and
 * [TransferException.SessionInvalidated] once the session has ended.
 *
 * @property session the session that it belongs to.
 * @property id its number.
 */
public class DownloadTask internal constructor(
    public val session: Session,
    public val id: Long,
) {
    /** Where it stands now. */
    @JvmSynthetic
    public suspend fun info(): TaskInfo = blocking { infoBlocking() }

    /** As [info], on the caller's thread. */
    @JvmName("info")
    @Throws(TransferException::class)
    public fun infoBlocking(): TaskInfo = native { it.info().imported() }

    /** Where it stands, why, since when, and what would change that (rule E1). */
    @JvmSynthetic
    public suspend fun explain(): Explanation = blocking { explainBlocking() }

    /** As [explain], on the caller's thread. */
    @JvmName("explain")
    @Throws(TransferException::class)
    public fun explainBlocking(): Explanation = native { it.explain().imported() }

    /** Starts it, or lets it go on (rule S4). */
    @JvmSynthetic
    public suspend fun resume(): Unit = blocking { resumeBlocking() }

    /** As [resume], on the caller's thread. */
    @JvmName("resume")
    @Throws(TransferException::class)
    public fun resumeBlocking(): Unit = native { it.resume() }

    /** Pauses it; its bytes stay. */
    @JvmSynthetic
    public suspend fun suspend(): Unit = blocking { suspendBlocking() }

    /** As [suspend], on the caller's thread. */
    @JvmName("suspend")
    @Throws(TransferException::class)
    public fun suspendBlocking(): Unit = native { it.suspend() }

    /** Ends it, with [TransferException.Cancelled] (rule L4). */
    @JvmSynthetic
    public suspend fun cancel(): Unit = blocking { cancelBlocking() }

    /** As [cancel], on the caller's thread. */
    @JvmName("cancel")
    @Throws(TransferException::class)
    public fun cancelBlocking(): Unit = native { it.cancel() }

    /** Ends it and gives back what another task can go on from, if there is something (rule L4). */
    @JvmSynthetic
    public suspend fun cancelByProducingResumeData(): ResumeData? = blocking { cancelByProducingResumeDataBlocking() }

    /** As [cancelByProducingResumeData], on the caller's thread. */
    @JvmName("cancelByProducingResumeData")
    @Throws(TransferException::class)
    public fun cancelByProducingResumeDataBlocking(): ResumeData? =
        native { it.cancelByProducingResumeData()?.let(::ResumeData) }

    /** Replaces its free text (rule L3). */
    @JvmSynthetic
    public suspend fun setMetadata(text: String): Unit = blocking { setMetadataBlocking(text) }

    /** As [setMetadata], on the caller's thread. */
    @JvmName("setMetadata")
    @Throws(TransferException::class)
    public fun setMetadataBlocking(text: String): Unit = native { it.setMetadata(text) }

    /**
     * How far it is: at once where it stands, then at most ten times a second (rule E2). A slow collector gets the
     * latest. Completes with the task, whichever way that ends.
     */
    public val progress: Flow<Progress>
        get() =
            flow {
                session.observers.subscribed { mailbox ->
                    var isOver = emitSnapshot()
                    while (!isOver) {
                        val event = mailbox.take() ?: break
                        // Its end may be among what was missed.
                        if (event is SessionEvent.Missed) isOver = emitSnapshot()
                        if (event !is SessionEvent.OfTask || event.task.id != id) continue
                        if (event is SessionEvent.DataWritten) emit(event.progress)
                        isOver = event is SessionEvent.TaskCompleted
                    }
                }
            }.conflate()

    /** Emits how far it is; whether it has ended. */
    private suspend fun FlowCollector<Progress>.emitSnapshot(): Boolean {
        val now = info()
        emit(Progress(0, now.received, now.total, 0))
        return now.state == TaskState.Completed
    }

    /**
     * The finished file; none while the task has not ended.
     *
     * @throws TransferException that it ended with.
     */
    @JvmSynthetic
    public suspend fun file(): DownloadedFile? = blocking { fileBlocking() }

    /** As [file], on the caller's thread. */
    @JvmName("file")
    @Throws(TransferException::class)
    public fun fileBlocking(): DownloadedFile? = native { it.file()?.imported() }

    /**
     * Waits for its end, and gives its file. Does not resume it.
     *
     * @throws TransferException that it ended with.
     */
    @JvmSynthetic
    public suspend fun await(): DownloadedFile =
        session.observers.subscribed { mailbox ->
            var isOpen = true
            while (isOpen) {
                file()?.let { return@subscribed it }
                isOpen = mailbox.awaitEnd()
            }
            file() ?: throw failure(ErrorKind.SESSION_INVALIDATED, "the session has ended before task $id")
        }

    /** Until its end was told, or may have been missed; false when nothing will be told any more. */
    private suspend fun Mailbox.awaitEnd(): Boolean {
        while (true) {
            val event = take() ?: return false
            if (event is SessionEvent.Missed) return true
            if (event is SessionEvent.TaskCompleted && event.task.id == id) return true
        }
    }

    private inline fun <T> native(call: (GeneratedTask) -> T): T = calling { session.generated.task(id).use(call) }

    override fun equals(other: Any?): Boolean = other is DownloadTask && other.id == id && other.session === session

    override fun hashCode(): Int = id.hashCode()

    override fun toString(): String = "DownloadTask($id)"
}
