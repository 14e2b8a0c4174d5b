package dev.backhaul.android

import android.app.Application
import android.content.Context
import android.content.pm.PackageManager
import android.os.Bundle
import dev.backhaul.SessionMaker

/** The manifest's name for the class that knows how the app's sessions are made. */
internal const val SESSION_MAKER_KEY = "dev.backhaul.session-maker"

/** The manifest's name for the number of the job that wakes the app. */
internal const val JOB_ID_KEY = "dev.backhaul.job-id"

/** "Bkhl", in letters: far from the small numbers that apps give their own jobs. */
private const val STANDARD_JOB_ID = 0x426b686c

/** So many jobs of transfers that the user asked for there are at a time; their numbers follow that of the wake. */
internal const val USER_INITIATED_JOBS = 8

/** The [SessionMaker] that the manifest names, else the one that the application is. */
internal fun sessionMakerOf(application: Application): SessionMaker {
    namedSessionMaker(application)?.let { return made(it, application) }
    return checkNotNull(application as? SessionMaker) {
        "nobody knows how sessions are made: give a SessionMaker to Backhaul.initialize, let " +
            "${application.javaClass.name} be one, or name one in the manifest as $SESSION_MAKER_KEY"
    }
}

/** The class that the manifest names, if it does. */
internal fun namedSessionMaker(context: Context): String? = metaDataOf(context)?.getString(SESSION_MAKER_KEY)

private fun made(
    name: String,
    application: Application,
): SessionMaker {
    val made =
        try {
            val type = Class.forName(name, true, application.classLoader)
            val takesContext = type.constructors.firstOrNull { it.parameterTypes.contentEquals(CONTEXT_ONLY) }
            takesContext?.newInstance(application) ?: type.getConstructor().newInstance()
        } catch (failed: ReflectiveOperationException) {
            throw IllegalStateException(
                "the manifest names $name as $SESSION_MAKER_KEY, and it cannot be made: it must be a public class " +
                    "with a constructor that takes nothing or a Context, and be kept by R8",
                failed,
            )
        }
    return checkNotNull(made as? SessionMaker) {
        "the manifest names $name as $SESSION_MAKER_KEY, and it is no dev.backhaul.SessionMaker"
    }
}

private val CONTEXT_ONLY = arrayOf<Class<*>>(Context::class.java)

/** The number of the job that wakes the app. */
internal fun wakeJobIdOf(context: Context): Int {
    val metaData = metaDataOf(context)
    if (metaData == null || !metaData.containsKey(JOB_ID_KEY)) return STANDARD_JOB_ID
    val id = metaData.getInt(JOB_ID_KEY, 0)
    check(id in 1..Int.MAX_VALUE - USER_INITIATED_JOBS) {
        "the manifest's $JOB_ID_KEY must be a whole number from 1 to ${Int.MAX_VALUE - USER_INITIATED_JOBS}"
    }
    return id
}

private fun metaDataOf(context: Context): Bundle? =
    context.packageManager.getApplicationInfo(context.packageName, PackageManager.GET_META_DATA).metaData
