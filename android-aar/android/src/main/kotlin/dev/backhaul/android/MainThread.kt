package dev.backhaul.android

import android.os.Handler
import android.os.Looper
import java.util.concurrent.Executor

/** The platform's main thread, where jobs begin and end. */
internal object MainThread : Executor {
    val handler = Handler(Looper.getMainLooper())

    /** There, after what was put there before: also when this is that thread. */
    override fun execute(work: Runnable) {
        handler.post(work)
    }
}
