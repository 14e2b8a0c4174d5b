package dev.backhaul.android

import android.app.Application
import android.content.Context
import android.util.Log
import dev.backhaul.BackgroundSessions
import dev.backhaul.SessionMaker
import dev.backhaul.TransferException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/**
 * The app's background sessions on Android: made again at each start of the process (rule W5), woken by
 * `JobScheduler` (rules S5, P6), told what the device is like (rule P2).
 *
 * ```kotlin
 * class App : Application(), SessionMaker {
 *     override fun onCreate() {
 *         super.onCreate()
 *         Backhaul.initialize(this)
 *     }
 *
 *     override fun make(identifier: String) =
 *         SessionLaunch(SessionConfiguration.background(identifier), Downloads(this))
 * }
 * ```
 *
 * In the app's own process only: a container belongs to one.
 */
public object Backhaul {
    private var process: AppProcess? = null
    private var failure: Throwable? = null

    /**
     * Makes the sessions again, under what the device is like now. At each start of the process, on the main thread,
     * best in `Application.onCreate`: a job may come right after it. Again it gives what the first call made. Blocks
     * while the store is opened.
     *
     * @param context any of the app.
     * @param make the parts of a session.
     * @throws TransferException as [BackgroundSessions.launch] does.
     * @throws dev.backhaul.NativeLibraryException when there is no library for this device.
     * @throws IllegalStateException on another thread, before the first unlock of the device, and for a value in the
     *   manifest that cannot be meant.
     */
    @JvmStatic
    @Throws(TransferException::class)
    public fun initialize(
        context: Context,
        make: SessionMaker,
    ): BackgroundSessions = start(context) { make }.sessions

    /**
     * As the other one, with the [SessionMaker] that the manifest names, else the one that the `Application` is.
     *
     * ```xml
     * <meta-data android:name="dev.backhaul.session-maker" android:value="com.example.MySessions" />
     * ```
     *
     * With this in the `application` element of the manifest nobody needs to call it: the library's provider does,
     * before `Application.onCreate`. The class has a constructor without parameters, or one that takes a `Context`.
     *
     * @throws IllegalStateException when there is no such class, or it is no [SessionMaker].
     * @throws TransferException as [BackgroundSessions.launch] does.
     */
    @JvmStatic
    @Throws(TransferException::class)
    public fun initialize(context: Context): BackgroundSessions = start(context, ::sessionMakerOf).sessions

    /**
     * The sessions of [initialize]. Any thread.
     *
     * @throws IllegalStateException before that.
     */
    @JvmStatic
    public val sessions: BackgroundSessions get() = running().sessions

    /** What the system says of the app's wakes. Any thread. @throws IllegalStateException before [initialize]. */
    @JvmStatic
    public val wakeStatus: WakeStatus get() = running().wakes.status

    /**
     * Starts a transfer that the user asks for just now: it goes on when the app is left, and shows its progress in a
     * notification. From Android 14 on a user-initiated data transfer job, before that the most urgent job there is.
     * The tasks are resumed by the app, before or after.
     *
     * @throws UserInitiatedException when it cannot be started; its subclass says why.
     * @throws IllegalStateException before [initialize].
     */
    @JvmSynthetic
    @Throws(UserInitiatedException::class)
    public suspend fun startUserInitiated(transfer: UserInitiatedTransfer): StartedAs =
        withContext(Dispatchers.IO) { startUserInitiatedBlocking(transfer) }

    /** As [startUserInitiated], on the caller's thread: it reads the store. */
    @JvmStatic
    @JvmName("startUserInitiated")
    @Throws(UserInitiatedException::class)
    public fun startUserInitiatedBlocking(transfer: UserInitiatedTransfer): StartedAs =
        running().transfers.start(transfer)

    @Synchronized
    private fun start(
        context: Context,
        make: (Application) -> SessionMaker,
    ): AppProcess {
        process?.let { return it }
        val application =
            checkNotNull(context.applicationContext as? Application) {
                "Backhaul.initialize was called before there is an Application: call it in Application.onCreate"
            }
        return runCatching { AppProcess.start(application, make(application)) }
            .onSuccess { process = it }
            .onFailure { failure = it }
            .getOrThrow()
    }

    /** A job has come: the process may have been started for it, and nobody has initialized. None if nobody can. */
    internal fun startForJob(context: Context): AppProcess? =
        try {
            start(context, ::sessionMakerOf)
        } catch (
            @Suppress("TooGenericExceptionCaught") failed: Exception,
        ) {
            Log.e(LogcatSink.TAG, "a wake is lost: the sessions could not be made for it. $HOW_TO_INITIALIZE", failed)
            null
        }

    @Synchronized
    internal fun runningOrNull(): AppProcess? = process

    @Synchronized
    private fun running(): AppProcess =
        process ?: throw failure?.let { IllegalStateException("Backhaul could not be initialized: ${it.message}", it) }
            ?: IllegalStateException("Backhaul was not initialized. $HOW_TO_INITIALIZE")

    /** As if the process had died, as far as that can be had within one. For tests. */
    internal fun end() {
        val ended =
            synchronized(this) {
                failure = null
                process.also { process = null }
            }
        ended?.end()
    }

    private const val HOW_TO_INITIALIZE =
        "Call Backhaul.initialize(this) in Application.onCreate, or name a SessionMaker in the manifest as " +
            "$SESSION_MAKER_KEY"
}
