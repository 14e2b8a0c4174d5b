package dev.backhaul.android

import dev.backhaul.WakeRequest
import kotlin.time.Instant

/**
 * What the system says of the app's wakes. With [dev.backhaul.DownloadTask.explain] it answers why a task does not
 * move while the app is not in front (rule E1).
 *
 * @property asked the wake that was asked for last; none when nothing is left to wake for.
 * @property refusal why the system does not take it, and what to do; none when it did.
 * @property heldBy why it has not come yet; none before Android 14, and when nothing holds it.
 * @property lastStop the last wake that the system ended early, in this process.
 * @property missed when a wake was due that did not come while the app was not running: the device was off, or the
 *   system held it back.
 */
public data class WakeStatus(
    public val asked: WakeRequest?,
    public val refusal: String?,
    public val heldBy: JobReason?,
    public val lastStop: JobStop?,
    public val missed: Instant?,
)
