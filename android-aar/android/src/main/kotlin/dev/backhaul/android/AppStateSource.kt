package dev.backhaul.android

import android.app.Activity
import android.app.Application
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import dev.backhaul.AppState
import dev.backhaul.SystemConditions

/**
 * Where the app is in its life (rule W1), by its activities: one that is resumed makes it active, one that is only
 * visible frontmost. Activities of before the start are not known: the library starts with the process.
 *
 * It speaks after what the main thread does just now. A configuration change ends an activity and begins it anew within
 * one message there, and nobody hears of it.
 */
internal class AppStateSource(
    private val application: Application,
) : ConditionsSource,
    Application.ActivityLifecycleCallbacks {
    private val handler = Handler(Looper.getMainLooper())
    private val visible = mutableSetOf<Activity>()
    private val resumed = mutableSetOf<Activity>()
    private var tell: ((Change) -> Unit)? = null
    private val speak = Runnable { tell?.invoke(::look) }

    override fun look(known: SystemConditions): SystemConditions {
        val state =
            when {
                resumed.isNotEmpty() -> AppState.ACTIVE
                visible.isNotEmpty() -> AppState.FRONTMOST
                else -> AppState.BACKGROUND
            }
        return known.copy(appState = state)
    }

    override fun start(tell: (Change) -> Unit) {
        if (this.tell == null) application.registerActivityLifecycleCallbacks(this)
        this.tell = tell
    }

    override fun stop() {
        application.unregisterActivityLifecycleCallbacks(this)
        handler.removeCallbacks(speak)
        tell = null
        visible.clear()
        resumed.clear()
    }

    override fun onActivityStarted(activity: Activity) = change { visible += activity }

    override fun onActivityResumed(activity: Activity) = change { resumed += activity }

    override fun onActivityPaused(activity: Activity) = change { resumed -= activity }

    override fun onActivityStopped(activity: Activity) = change { visible -= activity }

    override fun onActivityCreated(
        activity: Activity,
        savedInstanceState: Bundle?,
    ) = Unit

    override fun onActivitySaveInstanceState(
        activity: Activity,
        outState: Bundle,
    ) = Unit

    override fun onActivityDestroyed(activity: Activity) =
        change {
            visible -= activity
            resumed -= activity
        }

    private inline fun change(enter: () -> Unit) {
        enter()
        handler.removeCallbacks(speak)
        handler.post(speak)
    }
}
