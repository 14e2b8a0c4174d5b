package dev.backhaul

import dev.backhaul.ffi.DelegateExecutor
import dev.backhaul.ffi.DelegateWork
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.asExecutor
import java.util.concurrent.Executor

/**
 * Where a delegate's methods are called (rule S2): [Serial], or an executor of the app's. The next call is handed over
 * when the one before has returned, on whichever executor.
 */
public class DelegateQueue private constructor(
    internal val executor: Executor?,
) {
    public companion object {
        /** A daemon thread of the session's own. */
        @JvmField
        public val Serial: DelegateQueue = DelegateQueue(null)

        /** An executor: a main thread, an event loop. Calls that it rejects are told again at the next launch. */
        @JvmStatic
        public fun of(executor: Executor): DelegateQueue = DelegateQueue(executor)

        /** A dispatcher: `Dispatchers.Main`. */
        @JvmStatic
        public fun of(dispatcher: CoroutineDispatcher): DelegateQueue = DelegateQueue(dispatcher.asExecutor())
    }
}

/** An app's executor as the library calls it. */
internal class ExecutorAdapter(
    private val executor: Executor,
) : DelegateExecutor {
    override fun execute(work: DelegateWork) {
        guarded { executor.execute { work.use { it.run() } } }
    }
}
