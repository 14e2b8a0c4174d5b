package dev.backhaul.android

import android.app.ApplicationExitInfo
import android.content.Context
import android.os.Build
import dev.backhaul.PreviousExit

/**
 * How the process before this one ended (rule W6). Android's word for a force-stop also stands for an app that was
 * swiped away, and before Android 14 for one that was updated; only a force-stop takes the app's jobs away as well.
 *
 * @param isWakeLost the job that an earlier process asked for is gone.
 */
internal fun previousExitOf(
    context: Context,
    isWakeLost: Boolean,
): PreviousExit {
    if (Build.VERSION.SDK_INT < Build.VERSION_CODES.R || !isWakeLost) return PreviousExit.ORDINARY
    return if (LaterApi.previousExitReason(context) == ApplicationExitInfo.REASON_USER_REQUESTED) {
        PreviousExit.FORCE_QUIT
    } else {
        PreviousExit.ORDINARY
    }
}
