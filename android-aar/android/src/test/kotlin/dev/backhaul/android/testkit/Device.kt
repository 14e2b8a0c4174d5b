package dev.backhaul.android.testkit

import android.Manifest
import android.app.Activity
import android.app.Application
import android.os.Bundle
import dev.backhaul.BackgroundConfiguration
import dev.backhaul.DownloadTask
import dev.backhaul.FaultServer
import dev.backhaul.Recorder
import dev.backhaul.RetryPolicy
import dev.backhaul.Session
import dev.backhaul.SessionConfiguration
import dev.backhaul.SessionLaunch
import dev.backhaul.SessionMaker
import dev.backhaul.TransferException
import dev.backhaul.android.Backhaul
import dev.backhaul.android.SimulatedDevice
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import kotlin.test.assertEquals
import kotlin.time.Duration.Companion.milliseconds

/** The app's permissions, as the library's manifest gives them to it. */
private val PERMISSIONS =
    arrayOf(
        Manifest.permission.RECEIVE_BOOT_COMPLETED,
        Manifest.permission.ACCESS_NETWORK_STATE,
        Manifest.permission.INTERNET,
        "android.permission.RUN_USER_INITIATED_JOBS",
        "android.permission.POST_NOTIFICATIONS",
    )

/**
 * A device with an app that has one session, `maps`, and a server. Closing it fails the test if the app broke a rule
 * of `JobScheduler`.
 */
class Device : AutoCloseable {
    val application: Application = RuntimeEnvironment.getApplication()
    val jobs: StrictJobScheduler = StrictJobScheduler.install(application)
    val server: FaultServer = FaultServer.shared

    /** The delegate of each process so far, the last one last. */
    val delegates = mutableListOf<Recorder>()

    /** How the app makes its sessions. */
    var maker =
        SessionMaker { identifier ->
            SessionLaunch(configuration(identifier), Recorder().also { delegates += it })
        }

    private var handle: Session? = null
    private var activity: ActivityController<Activity>? = null

    /** The app's session, in the process that there is now. */
    val session: Session
        get() = handle ?: checkNotNull(Backhaul.sessions.session("maps")) { "there is no session" }.also { handle = it }

    init {
        jobs.onDeath = {
            handle?.close()
            handle = null
            activity = null
            jobs.isAppVisible = false
        }
        SimulatedDevice().beginOn(SimulatedDevice.WIFI)
        shadowOf(application).grantPermissions(*PERMISSIONS)
        ManifestMaker.device = this
    }

    fun configuration(identifier: String): BackgroundConfiguration =
        SessionConfiguration.background(identifier).apply {
            isDiscretionary = false
            plainHttpHosts = setOf("127.0.0.1")
            retryPolicy = RetryPolicy(20.milliseconds, 200.milliseconds)
        }

    /** What the app's manifest says about the library. */
    fun manifest(edit: Bundle.() -> Unit) {
        val info = shadowOf(application.packageManager).getInternalMutablePackageInfo(application.packageName)
        checkNotNull(info.applicationInfo).metaData = Bundle().apply(edit)
    }

    /** The user opens the app, which makes its session. */
    fun openApp(): Session {
        val sessions = Backhaul.initialize(application, maker)
        val session = sessions.session("maps") ?: sessions.open(checkNotNull(maker.make("maps")))
        handle?.close()
        handle = session
        activity = Robolectric.buildActivity(Activity::class.java).setup()
        jobs.isAppVisible = true
        MainLooper.idle()
        return session
    }

    /** The task that the app named so. */
    fun task(callerId: String): DownloadTask = checkNotNull(session.taskWithCallerIdBlocking(callerId))

    /** Waits until bytes have come since now: nobody is told of them while the app is not in front. */
    fun awaitBytes(callerId: String) {
        val task = task(callerId)
        val before = task.infoBlocking().received
        MainLooper.await("bytes come") { task.infoBlocking().received > before }
    }

    /** How the only task ended that this process is told the end of; null: well. */
    fun onlyError(): TransferException? {
        val ends = delegates.last().awaitEnds()
        return ends.single().error
    }

    /** The user puts the app away. */
    fun leaveApp() {
        checkNotNull(activity) { "the app is not open" }.pause().stop()
        jobs.isAppVisible = false
        MainLooper.idle()
    }

    /** Puts an object, and gives its URL with what else is asked for. */
    fun serve(
        name: String,
        size: Long = 100_000,
        query: String = "",
    ): String {
        server.put(name, size)
        return server.url(name, query)
    }

    override fun close() {
        jobs.killProcess()
        ManifestMaker.device = null
        assertEquals(emptyList(), jobs.violations)
    }
}

/** The maker that a test's manifest names. */
class ManifestMaker : SessionMaker {
    override fun make(identifier: String): SessionLaunch? = device?.maker?.make(identifier)

    companion object {
        var device: Device? = null
    }
}
