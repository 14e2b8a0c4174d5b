package dev.backhaul

import java.nio.file.Path
import java.nio.file.Paths

/**
 * A file that arrived: whole, synced, and at its destination (rule D2). It stays there.
 *
 * @property location where it lies.
 * @property length its length in bytes.
 * @property response the answer that it came with.
 * @property isValidatorWeak it was continued on an overlap comparison alone: [ResumePolicy.LENIENT] (rule R5).
 * @property isLengthUnverified the server ended it by closing the connection, and nothing else vouches for its length
 *   (rule R8).
 */
public data class DownloadedFile(
    public val location: Path,
    public val length: Long,
    public val response: Response?,
    public val isValidatorWeak: Boolean,
    public val isLengthUnverified: Boolean,
)

internal fun GeneratedDownloadedFile.imported() =
    DownloadedFile(Paths.get(location), len.toCount(), response?.imported(), validatorWeak, lengthUnverified)
