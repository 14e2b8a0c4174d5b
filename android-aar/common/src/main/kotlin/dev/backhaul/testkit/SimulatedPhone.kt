package dev.backhaul.testkit

import dev.backhaul.BackgroundSessions
import dev.backhaul.GeneratedBackgroundSessions
import dev.backhaul.Members
import dev.backhaul.NativeLibrary
import dev.backhaul.Network
import dev.backhaul.Session
import dev.backhaul.SessionLaunch
import dev.backhaul.SystemConditions
import dev.backhaul.TaskState
import dev.backhaul.TransferException
import dev.backhaul.calling
import dev.backhaul.exported
import dev.backhaul.ffi.SessionParts
import dev.backhaul.guarded
import dev.backhaul.imported
import dev.backhaul.mirrored
import dev.backhaul.toCount
import kotlin.time.Duration
import kotlin.time.Instant
import dev.backhaul.ffi.SimulatedApp as GeneratedApp
import dev.backhaul.ffi.SimulatedPhone as GeneratedPhone

/** Whose rules a simulated device obeys. */
public enum class SimulatedProfile {
    /** An iPhone: a background transfer service, `BGTaskScheduler`. */
    IOS,

    /** An Apple watch: the same service, at most 4 wakes an hour, 15 minutes apart. */
    WATCH,

    /** Android: transfers in the app's process, `JobScheduler`. */
    ANDROID,
}

/** The app under test: which sessions it makes at a launch. What it throws is noted in the phone's log. */
public interface SimulatedApp {
    /** The sessions that it always makes. */
    public val sessions: List<String>

    /**
     * The parts of one of them, as the real app makes them; none for an identifier that it does not know. In place of
     * their transport, wake scheduler and delegate queue there are simulated ones.
     */
    public fun make(identifier: String): SessionLaunch?

    /** What the app does next at its launch: its sessions are made, and none of their delegates was called yet. */
    public fun launched(sessions: BackgroundSessions) {}
}

/**
 * A promise of the library that did not hold.
 *
 * @property rule which rule of the contract.
 * @property text how.
 */
public data class BrokenPromise(
    public val rule: String,
    public val text: String,
)

/**
 * A device with one app on it: clocks, network, disk and the platform are simulated, the sessions are real. The same
 * seed and the same hands give the same log.
 *
 * ```kotlin
 * val phone = SimulatedPhone(SimulatedProfile.ANDROID, seed = 42, app)
 * phone.serve(SimulatedObject("https://example.com/alps", 40_000_000))
 * phone.open()
 * phone.session("maps")?.enqueueBlocking(Request("https://example.com/alps"))
 * phone.background()
 * phone.kill()
 * phone.advance(2.hours)
 * check(phone.brokenPromises.isEmpty())
 * ```
 *
 * Everything happens on the thread that calls, inside of the call: delegates are called in [advance]. One thread at a
 * time may use a phone and its sessions.
 *
 * @param profile whose rules it obeys.
 * @param seed of what is random.
 * @param app the app on it, which was never started.
 */
public class SimulatedPhone(
    profile: SimulatedProfile,
    seed: Long,
    app: SimulatedApp,
) : AutoCloseable {
    private val members = Members()
    private val generated: GeneratedPhone

    init {
        NativeLibrary.load()
        generated = calling { GeneratedPhone(profile.mirrored(), seed.toULong(), AppAdapter(app, members)) }
    }

    /** What the system is like. The state of the app is not for this to change. */
    public var conditions: SystemConditions
        get() = calling { generated.conditions().imported() }
        set(value) = calling { generated.setConditions(value.exported()) }

    /** True time since the world began. */
    public val elapsed: Duration get() = calling { generated.elapsed().imported() }

    /** What its wall clock shows. */
    public val now: Instant get() = calling { generated.now().imported() }

    /** How many wakes the platform lent so far. */
    public val wakes: Long get() = calling { generated.wakes().toCount() }

    /** What has happened so far: one JSON object a line. Two runs of one seed give the same bytes. */
    public val log: String get() = calling { generated.log() }

    /** The same for people: one sentence a line. */
    public val story: String get() = calling { generated.story() }

    /** The promises that were broken. Empty, or there is a defect in the library. */
    public val brokenPromises: List<BrokenPromise>
        get() = calling { generated.brokenPromises().map { BrokenPromise(it.rule, it.text) } }

    /** What the app made at its launch; none while it does not run. */
    public val backgroundSessions: BackgroundSessions?
        get() = calling { generated.backgroundSessions()?.let { BackgroundSessions(it, members) } }

    /** A session of the running app. */
    public fun session(identifier: String): Session? = calling { generated.session(identifier)?.let(members::session) }

    /** The user opens the app, or comes back to it. */
    public fun open(): Unit = calling { generated.open() }

    /** Something outside lets the app run: it is launched in the background, unless it runs already. */
    public fun run(): Unit = calling { generated.run() }

    /** The app is in sight, and not in use. */
    public fun frontmost(): Unit = calling { generated.frontmost() }

    /** The user leaves the app. */
    public fun background(): Unit = calling { generated.background() }

    /** The process is killed, at once. What the platform was asked for stays. */
    public fun kill(): Unit = calling { generated.kill() }

    /** The process dies before its [acts]-th act to the outside from now: a write, a call of the delegate, a start. */
    public fun killAfter(acts: Long): Unit = calling { generated.killAfter(acts.exported("acts")) }

    /** The user throws the app out: nothing wakes it until it is opened again (rule W6). */
    public fun forceQuit(): Unit = calling { generated.forceQuit() }

    /** The device starts again, in an orderly way. */
    public fun reboot(): Unit = calling { generated.reboot() }

    /** The power goes: what was not synced is gone, and the device starts again. */
    public fun losePower(): Unit = calling { generated.losePower() }

    /** Somebody sets the wall clock forward. */
    public fun setClockForward(by: Duration): Unit = calling { generated.setClockForward(by.exported("by")) }

    /** Somebody sets the wall clock back. */
    public fun setClockBack(by: Duration): Unit = calling { generated.setClockBack(by.exported("by")) }

    /** Another network; mobile ones cost money. */
    public fun setNetwork(network: Network): Unit = calling { generated.setNetwork(network.mirrored()) }

    /** On a charger, or off it. */
    public fun setCharging(isCharging: Boolean): Unit = calling { generated.setCharging(isCharging) }

    /**
     * The object is on its server from now on, or its next version is.
     *
     * @throws TransferException.InvalidRequest for a URL that is not absolute.
     */
    @Throws(TransferException::class)
    public fun serve(served: SimulatedObject): Unit = calling { generated.serve(served.exported()) }

    /**
     * The server behaves like this from now on, or so many [times].
     *
     * @throws TransferException.InvalidRequest for a status that is no fault.
     */
    @JvmOverloads
    @Throws(TransferException::class)
    public fun setServer(
        host: String,
        fault: ServerFault,
        times: Int? = null,
    ): Unit = calling { generated.setServer(host, fault.exported(), times?.exported("times")) }

    /**
     * Lets a step of the scenarios' format happen: `"reboot"`, `{"disk": {"free": "10MiB"}}`.
     *
     * @throws TransferException.InvalidRequest with its place in the text.
     */
    @Throws(TransferException::class)
    public fun perform(stepJson: String): Unit = calling { generated.perform(stepJson) }

    /** Lets time go by, and everything happen that falls into it. */
    public fun advance(time: Duration): Unit = calling { generated.advance(time.exported("time")) }

    /** Lets time go by until the next thing happens, or [atMost] so much; says how much it was. */
    public fun advanceToNext(atMost: Duration): Duration =
        calling { generated.advanceToNext(atMost.exported("atMost")).imported() }

    /** Where a task stands, whether the app runs or not. */
    public fun state(
        session: String,
        task: Long,
    ): TaskState? = calling { generated.state(session, task)?.imported() }

    /**
     * Which version of its object a task's file is: 1 for the first. None unless it lies at its destination, whole
     * and of one version. Files are simulated: there is nothing to read.
     */
    public fun fileVersion(
        session: String,
        task: Long,
    ): Long? = calling { generated.fileVersion(session, task)?.toCount() }

    /** Notes a line in the log. */
    public fun say(text: String): Unit = calling { generated.say(text) }

    /** Lets the phone go, with all that is on it. */
    override fun close(): Unit = generated.close()

    private class AppAdapter(
        private val app: SimulatedApp,
        private val members: Members,
    ) : GeneratedApp {
        override fun sessions(): List<String> = guarded { app.sessions }

        override fun makeSession(identifier: String): SessionParts? =
            guarded { app.make(identifier)?.let(members::parts) }

        override fun launched(sessions: GeneratedBackgroundSessions) {
            guarded { app.launched(BackgroundSessions(sessions, members)) }
        }
    }
}
