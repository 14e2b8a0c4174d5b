package dev.backhaul

/**
 * Where a finished file goes: a path below a named base directory (rule D5).
 *
 * Apps' folders move between launches, so no absolute path is ever stored. The name is resolved each time by what
 * [SessionConfiguration.baseDirectories] says then. Checked when a task is made: the path must be relative, of plain
 * names.
 *
 * @property base the name of the base directory.
 * @property path the path below it.
 */
public data class Destination(
    public val base: String,
    public val path: String,
) {
    public companion object {
        /** The base directory that every session knows: the `files` folder of its container. */
        public const val CONTAINER: String = "container"

        /** A path below the container's own `files` folder. */
        @JvmStatic
        public fun container(path: String): Destination = Destination(CONTAINER, path)
    }
}

internal fun Destination.exported() = GeneratedDestination(base, path)

internal fun GeneratedDestination.imported() = Destination(base, path)
