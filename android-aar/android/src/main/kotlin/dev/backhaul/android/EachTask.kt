package dev.backhaul.android

import android.util.Log
import dev.backhaul.DownloadTask
import dev.backhaul.Session
import dev.backhaul.TransferException

/** What each of the tasks says to it that are still there. Blocks. */
internal fun <T> Session.each(
    tasks: List<Long>,
    ask: (DownloadTask) -> T,
): List<T> =
    tasks.mapNotNull { id ->
        try {
            ask(taskBlocking(id))
        } catch (gone: TransferException.UnknownTask) {
            Log.d(LogcatSink.TAG, "task $id was forgotten", gone)
            null
        } catch (closed: TransferException.SessionInvalidated) {
            Log.d(LogcatSink.TAG, "nobody asks about task $id any more", closed)
            null
        } catch (failed: TransferException) {
            Log.w(LogcatSink.TAG, "task $id: ${failed.message}", failed)
            null
        }
    }
