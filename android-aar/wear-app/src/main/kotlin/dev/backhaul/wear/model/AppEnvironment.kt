package dev.backhaul.wear.model

import dev.backhaul.BackgroundConfiguration
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

/**
 * Where the app lives: what differs between a watch, the emulator and a test.
 *
 * @property server the folder on the server that holds `feed.json`, with a slash at its end.
 * @property content the folder for what came.
 * @property refreshInterval how long after a feed came the next one is worth asking for.
 * @property lookInterval how often the list is read anew while it is on the screen.
 * @property configure the last word on the session.
 */
internal class AppEnvironment(
    val server: String,
    val content: Path,
    val refreshInterval: Duration = 1.hours,
    val lookInterval: Duration = 2.seconds,
    val configure: (BackgroundConfiguration) -> Unit = {},
)
