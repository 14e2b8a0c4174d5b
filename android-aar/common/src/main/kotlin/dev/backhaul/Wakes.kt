package dev.backhaul

import dev.backhaul.ffi.WakeCompletion
import java.util.concurrent.Executor
import kotlin.time.Duration
import kotlin.time.Instant
import kotlin.time.toKotlinDuration
import dev.backhaul.ffi.WakeConstraints as GeneratedWakeConstraints

/**
 * The platform's permission to run, and the duty to say when it is no longer needed (rules S5, W3). Handed to a
 * session once. It is completed exactly once: when everything was delivered, at its limit if that comes first, and
 * when it is given back or let go.
 *
 * @param limit how long the wake may last, from now. None for 25 seconds, and 10 for a session with the limits of a
 *   watch.
 * @param executor where [complete] is called (rule W4); none for the session's delegate queue as a rule.
 * @param complete tells the platform that the wake is over. It must neither block nor call a session. What it throws
 *   is logged.
 */
public class WakeTicket(
    limit: Duration? = null,
    executor: Executor? = null,
    complete: () -> Unit,
) : AutoCloseable {
    internal val generated: GeneratedWakeTicket

    init {
        NativeLibrary.load()
        generated =
            GeneratedWakeTicket(Completion(complete), limit?.exported("limit"), executor?.let(::ExecutorAdapter))
    }

    /** For Java. */
    public constructor(
        limit: java.time.Duration?,
        executor: Executor?,
        complete: Runnable,
    ) : this(limit?.toKotlinDuration(), executor, complete::run)

    /** Gives the wake back now, if no session was given it. */
    public fun giveBack() {
        // After `close` it was given back.
        runCatching { generated.giveBack() }
    }

    /** As [giveBack]. A ticket that a session was given is the session's, and is not touched. */
    override fun close(): Unit = generated.close()

    private class Completion(
        private val complete: () -> Unit,
    ) : WakeCompletion {
        override fun complete() {
            guarded { complete.invoke() }
        }
    }
}

/**
 * What must hold for a wake to be of use, in the words of Android's `JobInfo`.
 *
 * @property network a network of any kind.
 * @property isUnmetered one that is not metered.
 * @property isNotCellular one that is not a mobile network.
 * @property isCharging a charger.
 */
public data class WakeConstraints(
    public val network: Boolean,
    public val isUnmetered: Boolean,
    public val isNotCellular: Boolean,
    public val isCharging: Boolean,
)

/**
 * One wake that would be of use.
 *
 * @property at not before this.
 * @property constraints and only once these hold.
 * @property latest when to wake although they do not hold.
 */
public data class WakeRequest(
    public val at: Instant,
    public val constraints: WakeConstraints,
    public val latest: Instant?,
)

/**
 * Asks the platform for the app's next wake. One request stands for all tasks of a container, and each new one
 * replaces the one before (rule P6). Called on the thread that sessions run on: it must not block, and must not call
 * a session. What it throws is logged.
 */
public interface WakeScheduler {
    /** The next useful moment, and what must be true then. */
    public fun schedule(request: WakeRequest)

    /** Nothing is left to wake for. */
    public fun cancel()
}

internal class WakeSchedulerAdapter(
    private val scheduler: WakeScheduler,
) : GeneratedWakeScheduler {
    override fun schedule(request: GeneratedWakeRequest) {
        guarded { scheduler.schedule(request.imported()) }
    }

    override fun cancel() {
        guarded { scheduler.cancel() }
    }
}

private fun GeneratedWakeConstraints.imported() = WakeConstraints(network, unmetered, notCellular, charging)

private fun GeneratedWakeRequest.imported() = WakeRequest(at.imported(), constraints.imported(), latest?.imported())
