package dev.backhaul

import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

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

/** The events that one collector has not yet taken; past a limit they are counted instead. */
internal class Mailbox {
    private val channel = Channel<SessionEvent>(CAPACITY)
    private var missed = 0

    /** In the order of the calls: what was missed is told in its place. */
    @Synchronized
    fun put(event: SessionEvent) {
        if (missed > 0 && channel.trySend(SessionEvent.Missed(missed)).isSuccess) missed = 0
        if (missed > 0 || channel.trySend(event).isFailure) missed += 1
    }

    fun close() {
        channel.close()
    }

    /** The next event, or none when there will be no more. */
    suspend fun take(): SessionEvent? =
        channel.tryReceive().getOrNull() ?: takeMissed() ?: channel.receiveCatching().getOrNull()

    /** What was missed last: nobody may ever send an event that it could be told before. */
    @Synchronized
    private fun takeMissed(): SessionEvent? = if (missed == 0) null else SessionEvent.Missed(missed).also { missed = 0 }

    private companion object {
        /** A second or two of a busy session. */
        const val CAPACITY = 1024
    }
}
