package dev.backhaul.wear.model

import dev.backhaul.Session
import dev.backhaul.SessionEvent
import dev.backhaul.TransferException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import java.io.IOException

/**
 * What the screens show. It keeps nothing that the session and the [PostcardStore] do not know: a new process shows the
 * same. Any thread.
 */
internal class PostcardsModel(
    private val downloads: Downloads,
    val session: Session,
) {
    /**
     * @property list what is under way and what failed, and what came.
     * @property problem why something that the user asked for cannot be done.
     */
    data class State(
        val list: PostcardList = PostcardList(),
        val problem: String? = null,
    )

    private val current = MutableStateFlow(State())

    /** What to show now. */
    val state: StateFlow<State> = current.asStateFlow()

    /** One at a time, so that the later reading is the later truth. */
    private val reading = Mutex()

    /** Keeps the list up to date for as long as the screen is there: until the caller is cancelled. */
    suspend fun follow(): Unit =
        coroutineScope {
            launch { session.events.collect(::take) }
            // A task that waits makes no noise, also when its reason becomes another one: who wants to know asks.
            while (true) {
                reload()
                delay(downloads.environment.lookInterval)
            }
        }

    private suspend fun take(event: SessionEvent) {
        when (event) {
            is SessionEvent.TaskWaiting,
            is SessionEvent.ResponseReceived,
            is SessionEvent.ResumedAtOffset,
            is SessionEvent.DataWritten,
            -> current.update { it.copy(list = it.list.with(event.task.row())) }

            is SessionEvent.TaskCreated,
            is SessionEvent.TaskCompleted,
            is SessionEvent.EventsFinished,
            is SessionEvent.Missed,
            -> reload()

            else -> Unit
        }
    }

    /** What every start of the process does: the next feed is on its way. */
    suspend fun lookAhead(): Unit = attempt { withContext(Dispatchers.IO) { downloads.askForNextFeed() } }

    /** The button. Returns when the downloads are safe on disk, not when they are done: the list tells that. */
    suspend fun refresh() {
        current.update { it.copy(problem = null) }
        attempt { downloads.refresh() }
        reload()
    }

    /** Where a task stands, and why; none when it came, or nobody knows it any more. */
    suspend fun detail(id: Long): TaskDetail? =
        try {
            session.task(id).explain().detail()
        } catch (failed: TransferException) {
            if (failed !is TransferException.UnknownTask) current.update { it.copy(problem = failed.message) }
            null
        }

    private suspend fun reload() =
        attempt {
            reading.withLock {
                val list = downloads.list(session)
                current.update { it.copy(list = list) }
            }
        }

    /** Says what went wrong, to the user: a [TransferException] is an [IOException]. */
    private suspend fun attempt(work: suspend () -> Unit) {
        try {
            work()
        } catch (failed: IOException) {
            current.update { it.copy(problem = failed.message) }
        }
    }
}
