package dev.backhaul.android

import android.content.Context
import android.os.UserManager
import java.nio.file.Path

/**
 * Where the store and its files lie: out of backups, which would bring back the tasks of another device (rule T3), and
 * in the storage that the app has for everything else. Before the first unlock there is none, unless the app as a whole
 * lives in device protected storage (`defaultToDeviceProtectedStorage`); a store there and another here would each know
 * half of the tasks.
 *
 * @throws IllegalStateException before the first unlock.
 */
internal fun containerOf(context: Context): Path {
    // The application decides, not a context that was made for other storage.
    val application = context.applicationContext ?: context
    check(application.isDeviceProtectedStorage || application.service<UserManager>().isUserUnlocked) {
        "the device was not unlocked since it booted, and the app's files cannot be read yet: " +
            "call Backhaul.initialize after ACTION_USER_UNLOCKED"
    }
    return application.noBackupFilesDir.toPath().resolve("backhaul")
}
