package dev.backhaul.android

import android.util.Log
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path

/**
 * Remembers across processes that a job was asked for and is still to come. Where it says so and the system knows of no
 * job, somebody has taken the job away: only a force-stop does that (rule W6).
 */
internal class WakeMarker(
    private val file: Path,
) {
    /** A job is to come. */
    var isSet: Boolean = Files.exists(file)
        private set

    /** Main thread: a file of no length is made or removed, and only when something changes. */
    fun set(isAskedFor: Boolean) {
        if (isAskedFor == isSet) return
        isSet = isAskedFor
        try {
            if (isAskedFor) Files.createFile(file) else Files.deleteIfExists(file)
        } catch (failed: IOException) {
            Log.w(LogcatSink.TAG, "a force-stop may not be noticed: $file", failed)
        }
    }
}
