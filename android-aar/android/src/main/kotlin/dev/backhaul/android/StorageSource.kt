package dev.backhaul.android

import android.content.Context
import android.content.Intent

/**
 * Whether the system says that storage is short. The broadcasts are deprecated for receivers in manifests; those that
 * are registered get them, and nothing else says it without being asked again and again.
 */
@Suppress("DEPRECATION")
internal fun storageSource(context: Context): ConditionsSource =
    BroadcastSource(context, Intent.ACTION_DEVICE_STORAGE_LOW, Intent.ACTION_DEVICE_STORAGE_OK) { known, last ->
        // The one about low storage stays for as long as it is true.
        known.copy(isStorageLow = last?.action == Intent.ACTION_DEVICE_STORAGE_LOW)
    }
