package dev.backhaul

import java.io.IOException
import java.nio.file.FileSystemException
import java.nio.file.Path
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.Path
import kotlin.io.path.deleteRecursively
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readSymbolicLink
import kotlin.time.TimeSource

/**
 * Returns when this process has no file below this folder open. A store is closed a moment after its last session, which
 * a task that nobody closed keeps until it is collected; and it removes files of its own then.
 */
fun Path.awaitClosed() {
    val folder = toRealPath()
    eventually("all files of $folder are closed") { openFiles().none { it.startsWith(folder) } }
}

private fun openFiles(): List<Path> =
    Path("/proc/self/fd").listDirectoryEntries().mapNotNull {
        try {
            it.readSymbolicLink()
        } catch (_: IOException) {
            // It was closed since.
            null
        }
    }

/** Removes a folder from which a session that is just ending may remove files at the same time. */
@OptIn(ExperimentalPathApi::class)
fun Path.deleteWhileClosing() {
    val began = TimeSource.Monotonic.markNow()
    while (true) {
        try {
            return deleteRecursively()
        } catch (failed: FileSystemException) {
            if (began.elapsedNow() > PATIENCE) throw failed
        }
    }
}
