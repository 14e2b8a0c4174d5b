package dev.backhaul.android

import android.content.Context
import android.net.ConnectivityManager

/** Data Saver, unless the user has excepted this app from it. */
internal fun dataSaverSource(context: Context): ConditionsSource {
    val manager = context.service<ConnectivityManager>()
    return BroadcastSource(context, ConnectivityManager.ACTION_RESTRICT_BACKGROUND_CHANGED) { known, _ ->
        known.copy(isDataSaver = manager.isDataSaverOn)
    }
}

internal val ConnectivityManager.isDataSaverOn: Boolean
    get() = restrictBackgroundStatus == ConnectivityManager.RESTRICT_BACKGROUND_STATUS_ENABLED
