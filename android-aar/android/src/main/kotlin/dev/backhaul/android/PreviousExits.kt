package dev.backhaul.android

import android.app.ApplicationExitInfo
import android.content.Context
import android.os.Build
import dev.backhaul.PreviousExit

/**
 * How the process before this one ended (rule W6). Android's word for a force-stop also stands for an app that was
 * swiped away, and before Android 14 for one that was updated; only a force-stop takes its jobs away as well.
 *
 * @param isWakeAskedFor the job that an earlier process asked for is still there.
 */
internal fun previousExitOf(
    context: Context,
    isWakeAskedFor: Boolean,
): PreviousExit {
    if (Build.VERSION.SDK_INT < Build.VERSION_CODES.R || isWakeAskedFor) return PreviousExit.ORDINARY
    return if (LaterApi.previousExitReason(context) == ApplicationExitInfo.REASON_USER_REQUESTED) {
        PreviousExit.FORCE_QUIT
    } else {
        PreviousExit.ORDINARY
    }
}
