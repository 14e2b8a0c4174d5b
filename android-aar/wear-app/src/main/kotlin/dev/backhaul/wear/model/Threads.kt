package dev.backhaul.wear.model

import android.os.Handler
import android.os.Looper
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.asCoroutineDispatcher
import java.util.concurrent.Executor

/** The main thread, where screens are drawn. */
internal val mainThread: CoroutineDispatcher by lazy {
    val handler = Handler(Looper.getMainLooper())
    Executor { handler.post(it) }.asCoroutineDispatcher()
}

/** Called by whatever waits for a disk: on the main thread it is a mistake of the app's, and shows where it is made. */
internal fun offMain() {
    check(Looper.myLooper() != Looper.getMainLooper()) { "this waits for a disk: not on the main thread" }
}
