package dev.backhaul.android

import android.content.Context
import java.nio.file.Path

/** Where the store and its files lie: out of backups, which would bring back the tasks of another device (rule T3). */
internal fun containerOf(context: Context): Path = context.noBackupFilesDir.toPath().resolve("backhaul")
