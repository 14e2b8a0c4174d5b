package dev.backhaul

import dev.backhaul.ffi.SessionParts
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.emitAll
import kotlinx.coroutines.flow.flow

/**
 * Downloads for an app, by one configuration, told to one delegate (rules S1–S8).
 *
 * ```kotlin
 * val session = Session(SessionConfiguration.background("com.example.maps"), MyDelegate())
 * session.enqueue(Request("https://example.com/alps.mbtiles", callerId = "alps"))
 * ```
 *
 * **Threading.** Every method may be called on any thread, from within delegate methods too. Those that write are
 * `suspend` functions and return when the change is durable, a few milliseconds on most disks; each has a twin that
 * blocks, for delegates and Java. Whoever stops waiting does not stop the work.
 *
 * **Life.** [finishTasksAndInvalidate] and [invalidateAndCancel] end a session and its identifier's work (rule C3).
 * [close], and a session that nobody refers to any more, end it as if the process had died, only tidily: transfers
 * stop and keep their bytes, and the next session with the identifier goes on. Keep it.
 *
 * **Errors.** What fails throws a [TransferException]; after [close] a [TransferException.SessionInvalidated].
 */
public class Session internal constructor(
    internal val generated: GeneratedSession,
    internal val observers: Observers,
    /** Others of [BackgroundSessions] are told by the same observers. */
    private val sharesObservers: Boolean,
) : AutoCloseable {
    private constructor(opening: Opening) : this(opening.open(), opening.observers, false)

    /**
     * Makes a default or ephemeral session (rule S8). Blocks for some milliseconds.
     *
     * @throws TransferException.InvalidDestination for a base directory that is not absolute.
     * @throws TransferException.InvalidRequest for a root certificate that cannot be read.
     * @throws NativeLibraryException when there is no library for this platform.
     */
    @JvmOverloads
    @Throws(TransferException::class)
    public constructor(
        configuration: ForegroundConfiguration = SessionConfiguration.default(),
        delegate: SessionDelegate? = null,
        delegateQueue: DelegateQueue = DelegateQueue.Serial,
    ) : this(Opening(configuration, delegate, delegateQueue))

    /**
     * Makes a background session, or makes it again after a launch: its tasks are there and go on (rule S7), and what
     * the delegate missed is delivered. Blocks while the store is opened.
     *
     * @throws TransferException.SessionInUse when the identifier is held by a live session (rule C1).
     * @throws TransferException.ContainerInUse when another process holds the container.
     * @throws TransferException.StoreTooNew when a newer version of this library wrote the store.
     * @throws NativeLibraryException when there is no library for this platform.
     */
    @JvmOverloads
    @Throws(TransferException::class)
    public constructor(
        configuration: BackgroundConfiguration,
        delegate: SessionDelegate,
        delegateQueue: DelegateQueue = DelegateQueue.Serial,
    ) : this(Opening(configuration, delegate, delegateQueue))

    /** The identifier of a background session. */
    public val identifier: String? get() = calling { generated.identifier() }

    /** What the session does right now. */
    public val status: SessionStatus get() = calling { generated.status().imported() }

    /**
     * What happens in the session, from the start of the collection on. Completes when the session has ended. A
     * collector that falls far behind misses events, and is told how many.
     */
    public val events: Flow<SessionEvent> get() = flow { emitAll(observers.events()) }

    /** Makes a download task, suspended (rule S3). It survives power loss when this returns (rule D1). */
    @JvmSynthetic
    public suspend fun downloadTask(request: Request): DownloadTask = blocking { downloadTaskBlocking(request) }

    /** As [downloadTask], on the caller's thread. */
    @JvmName("downloadTask")
    @Throws(TransferException::class)
    public fun downloadTaskBlocking(request: Request): DownloadTask =
        calling { generated.downloadTask(request.exported()).taken() }

    /** Makes a download task, suspended (rule S3). */
    @JvmSynthetic
    public suspend fun downloadTask(url: String): DownloadTask = downloadTask(Request(url))

    /**
     * Makes a task that goes on from what another one had when it was cancelled (rule L4). Suspended.
     *
     * @throws TransferException.InvalidResumeData for data that is damaged, too old, or from another container.
     */
    @JvmSynthetic
    public suspend fun downloadTaskWithResumeData(data: ResumeData): DownloadTask =
        blocking { downloadTaskWithResumeDataBlocking(data) }

    /** As [downloadTaskWithResumeData], on the caller's thread. */
    @JvmName("downloadTaskWithResumeData")
    @Throws(TransferException::class)
    public fun downloadTaskWithResumeDataBlocking(data: ResumeData): DownloadTask =
        calling { generated.downloadTaskWithResumeData(data.text).taken() }

    /** Makes many tasks, suspended, in one commit: all of them, or none. */
    @JvmSynthetic
    public suspend fun downloadTasks(requests: List<Request>): List<DownloadTask> =
        blocking { calling { generated.downloadTasks(requests.map { it.exported() }).taken() } }

    /** Makes many tasks and resumes them, in one commit: all of them, or none. */
    @JvmSynthetic
    public suspend fun enqueue(requests: List<Request>): List<DownloadTask> = blocking { enqueueBlocking(requests) }

    /** As [enqueue], on the caller's thread. */
    @JvmName("enqueue")
    @Throws(TransferException::class)
    public fun enqueueBlocking(requests: List<Request>): List<DownloadTask> =
        calling { generated.enqueue(requests.map { it.exported() }).taken() }

    /** Makes a task and resumes it, in one commit. */
    @JvmSynthetic
    public suspend fun enqueue(request: Request): DownloadTask = enqueue(listOf(request)).single()

    /** As [enqueue], on the caller's thread. */
    @JvmName("enqueue")
    @Throws(TransferException::class)
    public fun enqueueBlocking(request: Request): DownloadTask = enqueueBlocking(listOf(request)).single()

    /**
     * Makes the tasks of a plan and resumes them, in one commit (rule L6); in the order of its steps.
     */
    @JvmSynthetic
    public suspend fun enqueue(plan: Plan): List<DownloadTask> = blocking { enqueueBlocking(plan) }

    /** As [enqueue], on the caller's thread. */
    @JvmName("enqueue")
    @Throws(TransferException::class)
    public fun enqueueBlocking(plan: Plan): List<DownloadTask> =
        calling { generated.enqueuePlan(plan.exported()).taken() }

    /**
     * Downloads a file: makes a task, resumes it, and waits for its end. A caller that is cancelled only stops waiting.
     *
     * @throws TransferException that the task ended with.
     */
    @JvmSynthetic
    public suspend fun download(request: Request): DownloadedFile =
        downloadTask(request).run {
            resume()
            await()
        }

    /**
     * The task with this id, completed ones included.
     *
     * @throws TransferException.UnknownTask when there is none, or it was forgotten.
     */
    @JvmSynthetic
    public suspend fun task(id: Long): DownloadTask = blocking { taskBlocking(id) }

    /** As [task], on the caller's thread. */
    @JvmName("task")
    @Throws(TransferException::class)
    public fun taskBlocking(id: Long): DownloadTask = calling { generated.task(id).taken() }

    /** The task that the app named so, if there is one. */
    @JvmSynthetic
    public suspend fun taskWithCallerId(callerId: String): DownloadTask? =
        blocking { taskWithCallerIdBlocking(callerId) }

    /** As [taskWithCallerId], on the caller's thread. */
    @JvmName("taskWithCallerId")
    @Throws(TransferException::class)
    public fun taskWithCallerIdBlocking(callerId: String): DownloadTask? =
        calling { generated.taskWithCallerId(callerId)?.taken() }

    /** A page of the session's tasks in the order of their ids; at most 1,000. */
    @JvmSynthetic
    public suspend fun tasks(
        after: Long? = null,
        limit: Int = PAGE_LIMIT,
    ): List<TaskInfo> = blocking { tasksBlocking(after, limit) }

    /** As [tasks], on the caller's thread. */
    @JvmOverloads
    @JvmName("tasks")
    @Throws(TransferException::class)
    public fun tasksBlocking(
        after: Long? = null,
        limit: Int = PAGE_LIMIT,
    ): List<TaskInfo> = calling { generated.tasksAfter(after, limit.exported("limit")).map { it.imported() } }

    /** All tasks in the order of their ids, read page by page. */
    public fun allTasks(): Flow<TaskInfo> =
        flow {
            var page = tasks()
            while (page.isNotEmpty()) {
                for (task in page) emit(task)
                page = tasks(after = page.last().id)
            }
        }

    /** A page of the journal (rule D4): the ends of tasks after [sequence], delivered ones included. */
    @JvmSynthetic
    public suspend fun journal(
        sequence: Long = 0,
        limit: Int = PAGE_LIMIT,
    ): List<JournalEvent> =
        blocking {
            calling { generated.eventsAfter(sequence, limit.exported("limit")).map { it.imported() } }
        }

    /** Removes completed tasks whose end was delivered. Their files stay. */
    @JvmSynthetic
    public suspend fun forget(ids: Collection<Long>): Unit = blocking { forgetBlocking(ids) }

    /** As [forget], on the caller's thread. */
    @JvmName("forget")
    @Throws(TransferException::class)
    public fun forgetBlocking(ids: Collection<Long>): Unit = calling { generated.forget(ids.toList()) }

    /** Replaces the free text of some tasks (rule L3), in one commit. */
    @JvmSynthetic
    public suspend fun setMetadata(
        ids: Collection<Long>,
        text: String,
    ): Unit = blocking { calling { generated.setMetadata(ids.toList(), text) } }

    /** Tells the session what the system is like now (rule P2). Does not block. */
    public fun setConditions(conditions: SystemConditions): Unit =
        calling { generated.setConditions(conditions.exported()) }

    /** Hands a wake of the platform to the session (rule S5). False if the ticket was used before. */
    public fun handleBackgroundEvents(ticket: WakeTicket): Boolean =
        calling { generated.handleBackgroundEvents(ticket.generated) }

    /** The platform takes back the wakes that it lent, before their limit. */
    public fun expireBackgroundEvents(): Unit = calling { generated.expireBackgroundEvents() }

    /** Takes no new tasks, finishes those there are, calls [SessionDelegate.didBecomeInvalid], and ends (rule C3). */
    public fun finishTasksAndInvalidate(): Unit = calling { generated.finishTasksAndInvalidate() }

    /** Takes no new tasks, cancels those there are, calls [SessionDelegate.didBecomeInvalid], and ends (rule C3). */
    public fun invalidateAndCancel(): Unit = calling { generated.invalidateAndCancel() }

    /**
     * Lets the session go: transfers stop and keep their bytes, and the delegate is released. Waits for that, and for
     * the delegate method that runs just now unless it is called from one. Again does nothing. A session of
     * [BackgroundSessions] goes on: it belongs to those.
     */
    override fun close() {
        generated.close()
        if (!sharesObservers) observers.close()
    }

    private fun GeneratedTask.taken(): DownloadTask = use { DownloadTask(this@Session, it.id()) }

    private fun List<GeneratedTask>.taken(): List<DownloadTask> = map { it.taken() }

    /** What a new session needs, made before there is one. */
    private class Opening(
        private val configuration: SessionConfiguration,
        private val delegate: SessionDelegate?,
        private val delegateQueue: DelegateQueue,
    ) {
        val observers = Observers()

        fun open(): GeneratedSession {
            NativeLibrary.load()
            return calling { GeneratedSession(partsOf(configuration, delegate, delegateQueue, observers)) }
        }
    }

    private companion object {
        const val PAGE_LIMIT = 1000
    }
}

/** A session's parts as the library takes them. */
internal fun partsOf(
    configuration: SessionConfiguration,
    delegate: SessionDelegate?,
    delegateQueue: DelegateQueue,
    observers: Observers,
) = SessionParts(
    configuration = configuration.exported(),
    delegate = DelegateAdapter(delegate, observers),
    executor = delegateQueue.executor?.let(::ExecutorAdapter),
    transport = configuration.transport?.let(::TransportAdapter),
    trustEvaluator =
        judgeOf(configuration.trustEvaluator, platformTrustOf(configuration.rootCertificates))
            ?.let(::TrustEvaluatorAdapter),
    deferralPolicy = configuration.deferralPolicy?.let(::DeferralPolicyAdapter),
    wakeScheduler = (configuration as? BackgroundConfiguration)?.wakeScheduler?.let(::WakeSchedulerAdapter),
)
