package dev.backhaul.android

import android.content.Context
import android.content.Intent
import android.os.UserManager

/** Whether the user has unlocked the device since it booted: from then on the app's files can be read and written. */
internal fun unlockSource(context: Context): ConditionsSource {
    val manager = context.service<UserManager>()
    return BroadcastSource(context, Intent.ACTION_USER_UNLOCKED) { known, _ ->
        known.copy(isProtectedDataAvailable = manager.isUserUnlocked)
    }
}
