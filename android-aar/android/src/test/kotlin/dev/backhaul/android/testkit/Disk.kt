package dev.backhaul.android.testkit

import dev.backhaul.awaitClosed
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.OnErrorResult
import kotlin.io.path.copyToRecursively
import kotlin.io.path.deleteRecursively
import kotlin.io.path.exists
import kotlin.io.path.moveTo

/**
 * Ends something that tidies up, and leaves the container as it was before: so a process leaves it that is killed.
 */
@OptIn(ExperimentalPathApi::class)
internal fun leavingDiskOf(
    container: Path,
    end: () -> Unit,
) {
    if (!container.exists()) return end()
    val before = Files.createTempDirectory(container.parent, "killed")
    // A file that is gone by the time that it is copied was not there.
    val skips = { _: Path, _: Path, failed: Exception ->
        if (failed is NoSuchFileException) OnErrorResult.SKIP_SUBTREE else throw failed
    }
    container.copyToRecursively(before, skips, followLinks = false, overwrite = true)
    end()
    // Else it would remove files of its from among those that are put back.
    container.awaitClosed()
    container.deleteRecursively()
    before.moveTo(container)
}
