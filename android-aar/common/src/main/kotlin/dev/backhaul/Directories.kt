package dev.backhaul

import dev.backhaul.ffi.ErrorKind
import java.nio.file.Path

/** The base directories of a session in this launch (rule D5). */
internal class Directories(
    container: Path,
    named: Map<String, Path>,
) {
    private val all = named + (Destination.CONTAINER to container.resolve("files"))

    /** The innermost base directory that the file lies in decides. */
    fun destinationOf(file: Path): Destination {
        val absolute = file.toAbsolutePath().normalize()
        val holding =
            all
                .mapValues { (_, directory) -> directory.toAbsolutePath().normalize() }
                .filterValues { absolute.startsWith(it) && absolute != it }
        val (name, directory) =
            holding.entries.maxByOrNull { it.value.nameCount }
                ?: throw failure(
                    ErrorKind.INVALID_DESTINATION,
                    "$file lies in no base directory; add its folder to the configuration's baseDirectories",
                )
        return Destination(name, directory.relativize(absolute).joinToString("/"))
    }
}
