package dev.backhaul

import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import java.util.concurrent.atomic.AtomicInteger

/** Those who collect a session's events, beside its delegate. They cannot slow the session down. */
internal class Observers {
    private val mailboxes = mutableSetOf<Mailbox>()
    private var isClosed = false

    /** Tells all collectors. Never blocks. */
    fun tell(event: SessionEvent) {
        for (mailbox in snapshot()) mailbox.put(event)
        if (event is SessionEvent.BecameInvalid) close()
    }

    /** Nothing will be told any more. */
    fun close() {
        val left =
            synchronized(mailboxes) {
                isClosed = true
                mailboxes.toList()
            }
        for (mailbox in left) mailbox.close()
    }

    /** What happens from the start of the collection on; completes when the session has ended. */
    fun events(): Flow<SessionEvent> =
        flow {
            subscribed { mailbox ->
                while (true) emit(mailbox.take() ?: break)
            }
        }

    /** Runs the block with a mailbox that everything is told to from now on until it returns. */
    suspend fun <T> subscribed(block: suspend (Mailbox) -> T): T {
        val mailbox = Mailbox()
        synchronized(mailboxes) { if (isClosed) mailbox.close() else mailboxes += mailbox }
        try {
            return block(mailbox)
        } finally {
            synchronized(mailboxes) { mailboxes -= mailbox }
        }
    }

    private fun snapshot(): List<Mailbox> = synchronized(mailboxes) { mailboxes.toList() }
}

/** The events that one collector has not yet taken. */
internal class Mailbox {
    private val channel = Channel<SessionEvent>(CAPACITY)
    private val missed = AtomicInteger()

    /** Taken, and to be handed out after the word of what was missed before it. */
    private var held: SessionEvent? = null

    fun put(event: SessionEvent) {
        val sent = channel.trySend(event)
        if (sent.isFailure && !sent.isClosed) missed.incrementAndGet()
    }

    fun close() {
        channel.close()
    }

    /** The next event, or none when there will be no more. */
    suspend fun take(): SessionEvent? {
        held?.let { event ->
            held = null
            return event
        }
        val event = channel.receiveCatching().getOrNull()
        val left = missed.getAndSet(0)
        if (left == 0) return event
        held = event
        return SessionEvent.Missed(left)
    }

    private companion object {
        /** A second or two of a busy session. */
        const val CAPACITY = 1024
    }
}
