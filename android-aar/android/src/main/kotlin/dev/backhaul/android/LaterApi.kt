package dev.backhaul.android

import android.app.ActivityManager
import android.app.Application
import android.app.ApplicationExitInfo
import android.app.job.JobInfo
import android.app.job.JobParameters
import android.content.Context
import android.net.NetworkCapabilities
import android.net.NetworkRequest
import dev.backhaul.WakeConstraints

/** An app may have that many processes that ended after the one that counts. */
private const val RECORDS = 16

/** Any of these: there is no word for "not a mobile network". A watch reaches its phone by Bluetooth. */
private val NOT_CELLULAR =
    intArrayOf(
        NetworkCapabilities.TRANSPORT_WIFI,
        NetworkCapabilities.TRANSPORT_ETHERNET,
        NetworkCapabilities.TRANSPORT_BLUETOOTH,
    )

/** Calls of jobs and exits that came after the minimum, with the API level that each needs. */
@AboveMinimum
internal object LaterApi {
    /** 28. */
    fun requireNetwork(
        builder: JobInfo.Builder,
        constraints: WakeConstraints,
    ): JobInfo.Builder {
        val request =
            NetworkRequest
                .Builder()
                .addCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET)
                .addCapability(NetworkCapabilities.NET_CAPABILITY_VALIDATED)
                .removeCapability(NetworkCapabilities.NET_CAPABILITY_NOT_VPN)
        if (constraints.isUnmetered) request.addCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED)
        if (constraints.isNotCellular) NOT_CELLULAR.forEach(request::addTransportType)
        return builder.setRequiredNetwork(request.build())
    }

    /** 28. */
    fun estimate(
        builder: JobInfo.Builder,
        downloadBytes: Long,
    ): JobInfo.Builder = builder.setEstimatedNetworkBytes(downloadBytes, 0)

    /** 31. */
    fun setExpedited(
        builder: JobInfo.Builder,
        isExpedited: Boolean,
    ): JobInfo.Builder = builder.setExpedited(isExpedited)

    /** 31. */
    fun stopReason(parameters: JobParameters): Int = parameters.stopReason

    /** 30. Why the last process with this one's name ended: others of the app hold no container. */
    fun previousExitReason(context: Context): Int? {
        // The newest comes first.
        val records: List<ApplicationExitInfo> =
            context.service<ActivityManager>().getHistoricalProcessExitReasons(context.packageName, 0, RECORDS)
        for (record in records) if (record.processName == Application.getProcessName()) return record.reason
        return null
    }
}
