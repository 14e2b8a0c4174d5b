package dev.backhaul

import java.nio.file.Path

/**
 * Reads a container's store, also while a process runs its sessions. Changes nothing, takes no lock. Any thread, one
 * reader at a time; every call blocks for a read of the store.
 *
 * @throws TransferException.Store when there is no store, or it cannot be read.
 * @throws TransferException.ContainerInUse when another process is just changing its form.
 */
public class Inspector
    @JvmOverloads
    @Throws(TransferException::class)
    constructor(
        container: Path,
        /** By these it is said why a task waits. */
        conditions: SystemConditions? = null,
    ) : AutoCloseable {
        private val generated: GeneratedInspector

        init {
            NativeLibrary.load()
            generated = calling { GeneratedInspector.open(container.toString(), conditions?.exported()) }
        }

        /** The identifiers of the sessions that the container knows. */
        @Throws(TransferException::class)
        public fun sessionIdentifiers(): List<String> = calling { generated.sessionIdentifiers() }

        /** A page of a session's tasks in the order of their ids; at most 1,000. */
        @JvmOverloads
        @Throws(TransferException::class)
        public fun tasks(
            session: String,
            after: Long? = null,
            limit: Int = PAGE_LIMIT,
        ): List<TaskInfo> =
            calling { generated.tasksAfter(session, after, limit.exported("limit")).map { it.imported() } }

        /** Where a task stands, and why (rule E1). */
        @Throws(TransferException::class)
        public fun explain(
            session: String,
            id: Long,
        ): Explanation = calling { generated.explain(session, id).imported() }

        /** A page of a session's journal (rule D4): what comes after [sequence]. */
        @JvmOverloads
        @Throws(TransferException::class)
        public fun journal(
            session: String,
            sequence: Long = 0,
            limit: Int = PAGE_LIMIT,
        ): List<JournalEvent> =
            calling { generated.eventsAfter(session, sequence, limit.exported("limit")).map { it.imported() } }

        /** Lets go of the store. */
        override fun close(): Unit = generated.close()

        private companion object {
            const val PAGE_LIMIT = 1000
        }
    }
