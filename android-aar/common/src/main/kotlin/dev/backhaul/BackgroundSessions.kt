package dev.backhaul

import dev.backhaul.ffi.SessionFactory
import dev.backhaul.ffi.SessionParts
import dev.backhaul.ffi.defaultContainer
import java.nio.file.Path
import java.nio.file.Paths
import java.util.concurrent.ConcurrentHashMap
import dev.backhaul.ffi.FailedSession as GeneratedFailedSession

/**
 * What a background session is made of, at each launch.
 *
 * @property configuration how it behaves. Its container is that of the launch.
 * @property delegate who is told.
 * @property delegateQueue where the delegate is called.
 */
public class SessionLaunch
    @JvmOverloads
    constructor(
        public val configuration: BackgroundConfiguration,
        public val delegate: SessionDelegate,
        public val delegateQueue: DelegateQueue = DelegateQueue.Serial,
    )

/** Knows how an app's background sessions are made. */
public fun interface SessionMaker {
    /** The parts of the session with this identifier; none if this version of the app no longer knows it. */
    public fun make(identifier: String): SessionLaunch?
}

/**
 * A session that could not be made again.
 *
 * @property identifier which.
 * @property error why.
 */
public data class FailedSession(
    public val identifier: String,
    public val error: TransferException,
)

/**
 * The background sessions of one container (rule W5). An app makes it first of all at every launch, and keeps it.
 *
 * ```kotlin
 * val sessions = BackgroundSessions.launch(container) { identifier ->
 *     if (identifier == "com.example.maps") SessionLaunch(mapsConfiguration(), mapsDelegate) else null
 * }
 * ```
 *
 * Any thread.
 */
public class BackgroundSessions internal constructor(
    private val generated: GeneratedBackgroundSessions,
    private val members: Members,
) : AutoCloseable {
    /** The sessions that the launch made again and those that were opened since. */
    public val sessions: List<Session> get() = calling { generated.sessions().map { it.member() } }

    /** Identifiers that the store knows and the app did not. Nothing of them is lost. */
    public val unknownSessions: List<String> get() = calling { generated.unknownSessions() }

    /** Sessions that could not be made again, and why. */
    public val failedSessions: List<FailedSession> get() = calling { generated.failedSessions().map { it.imported() } }

    /** The store was damaged and has been replaced (rule D6). */
    public val recovery: StoreRecovery? get() = calling { generated.recovery()?.imported() }

    /**
     * The session with this identifier: the one that the launch made again, or else a new one. Blocks for some
     * milliseconds.
     *
     * @throws TransferException as a new background session does.
     */
    @Throws(TransferException::class)
    public fun open(launch: SessionLaunch): Session =
        // One at a time: the parts of a session that is there already must not be put in place of its own.
        synchronized(members) {
            session(launch.configuration.identifier)
                ?: calling { generated.open(members.parts(launch)).member() }
        }

    /** The live session with this identifier. */
    public fun session(identifier: String): Session? = calling { generated.session(identifier)?.member() }

    /**
     * Hands a wake to the session that it is for (rule S5). Without such a session it is completed at once: then, and
     * for a ticket that was used before, this returns false.
     */
    public fun handleBackgroundEvents(
        identifier: String,
        ticket: WakeTicket,
    ): Boolean = calling { generated.handleBackgroundEvents(identifier, ticket.generated) }

    /** Hands a wake that is for no session in particular to all of them. False for a ticket that was used before. */
    public fun handleWake(ticket: WakeTicket): Boolean = calling { generated.handleWake(ticket.generated) }

    /** The platform takes back the wakes that it lent, before their limit. */
    public fun expireBackgroundEvents(): Unit = calling { generated.expireBackgroundEvents() }

    /** Tells every session what the system is like now (rule P2). */
    public fun setConditions(conditions: SystemConditions): Unit =
        calling { generated.setConditions(conditions.exported()) }

    /** Lets the sessions go that nobody else holds, as [Session.close] does. */
    override fun close(): Unit = generated.close()

    private fun GeneratedSession.member() = members.session(this)

    private class Factory(
        private val make: SessionMaker,
        private val members: Members,
    ) : SessionFactory {
        override fun makeSession(identifier: String): SessionParts? =
            guarded { make.make(identifier)?.let(members::parts) }
    }

    public companion object {
        /**
         * Makes the sessions again that have something left to do or to tell. Blocks while the store is opened.
         *
         * @param container the directory that holds the app's store; none for the usual one of the user.
         * @param conditions what the system is like; none for the best of conditions.
         * @param previousExit how the process before this one ended.
         * @param wakeScheduler who asks the platform for the next wake (rule P6).
         * @param make the parts of a session; one that throws makes that session a failed one.
         * @throws TransferException.ContainerInUse when another process holds the container.
         * @throws TransferException.StoreTooNew when a newer version of this library wrote the store.
         * @throws NativeLibraryException when there is no library for this platform.
         */
        @JvmStatic
        @JvmOverloads
        @Throws(TransferException::class)
        public fun launch(
            container: Path? = null,
            conditions: SystemConditions? = null,
            previousExit: PreviousExit = PreviousExit.ORDINARY,
            wakeScheduler: WakeScheduler? = null,
            make: SessionMaker,
        ): BackgroundSessions {
            NativeLibrary.load()
            val directory = container ?: Paths.get(defaultContainer())
            val members = Members()
            val generated =
                calling {
                    GeneratedBackgroundSessions.launch(
                        directory.toString(),
                        conditions?.exported(),
                        previousExit.mirrored(),
                        wakeScheduler?.let(::WakeSchedulerAdapter),
                        Factory(make, members),
                    )
                }
            return BackgroundSessions(generated, members)
        }
    }
}

/** The observers of each session, by identifier: the library makes sessions by itself. */
internal class Members {
    private val observers = ConcurrentHashMap<String, Observers>()

    fun parts(launch: SessionLaunch): SessionParts {
        val told = Observers()
        val parts = partsOf(launch.configuration, launch.delegate, launch.delegateQueue, told)
        observers[launch.configuration.identifier] = told
        return parts
    }

    fun session(generated: GeneratedSession) =
        Session(generated, observers.getValue(checkNotNull(generated.identifier())), sharesObservers = true)
}

private fun GeneratedFailedSession.imported() = FailedSession(identifier, error.toException())
