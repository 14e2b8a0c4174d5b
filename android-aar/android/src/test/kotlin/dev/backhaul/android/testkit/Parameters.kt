package dev.backhaul.android.testkit

import android.app.job.JobInfo
import android.app.job.JobParameters
import android.content.ClipData
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.os.IBinder
import android.os.PersistableBundle
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter.from

/** What the system hands to a service, made as the Android of the test makes it: the newest ones, and the oldest. */
internal fun parametersOf(
    job: JobInfo,
    callback: IBinder,
    isDeadlineExpired: Boolean,
): JobParameters =
    if (Build.VERSION.SDK_INT == Build.VERSION_CODES.O) {
        ReflectionHelpers.callConstructor(
            JobParameters::class.java,
            from(IBinder::class.java, callback),
            from(Int::class.java, job.id),
            from(PersistableBundle::class.java, job.extras),
            from(Bundle::class.java, Bundle()),
            from(ClipData::class.java, null),
            from(Int::class.java, 0),
            from(Boolean::class.java, isDeadlineExpired),
            from(Array<Uri>::class.java, null),
            from(Array<String>::class.java, null),
        )
    } else {
        JobParameters(
            callback,
            null,
            job.id,
            job.extras,
            Bundle(),
            null,
            0,
            isDeadlineExpired,
            Build.VERSION.SDK_INT >= Build.VERSION_CODES.S && job.isExpedited,
            Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE && job.isUserInitiated,
            null,
            null,
            null,
        )
    }

/** The oldest Android gives no reason that an app may read. */
internal fun JobParameters.stopFor(reason: Int) {
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
        setStopReason(reason, JobParameters.INTERNAL_STOP_REASON_UNKNOWN, "a test")
    }
}
