package dev.backhaul.android

import android.app.Application
import android.content.Context
import android.content.ContextWrapper
import android.util.Log
import dev.backhaul.PATIENCE
import dev.backhaul.SessionLaunch
import dev.backhaul.SessionMaker
import dev.backhaul.android.testkit.Device
import dev.backhaul.android.testkit.MainLooper
import dev.backhaul.android.testkit.ManifestMaker
import org.junit.After
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowLog
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertSame
import kotlin.test.assertTrue

/** The app of a developer who lets it make the sessions. */
class MakingApplication :
    Application(),
    SessionMaker {
    override fun make(identifier: String): SessionLaunch? = ManifestMaker.device?.maker?.make(identifier)
}

/** A maker that wants to know the app. */
class MakerWithContext(
    private val context: Context,
) : SessionMaker {
    override fun make(identifier: String): SessionLaunch? {
        checkNotNull(context.applicationContext)
        return ManifestMaker().make(identifier)
    }
}

class NoMaker

/** The ways in, and what is said to those who found none. */
@RunWith(RobolectricTestRunner::class)
class StartTest {
    private val device = Device()
    private val application = device.application

    @After
    fun close() = device.close()

    private fun provider() = Robolectric.buildContentProvider(BackhaulProvider::class.java).create().get()

    // rule W5
    @Test
    fun `a start again is the same`() {
        val sessions = Backhaul.initialize(application, device.maker)
        assertSame(sessions, Backhaul.initialize(ContextWrapper(application)) { error("nobody asks") })
        assertSame(sessions, Backhaul.initialize(application))
        assertSame(sessions, Backhaul.sessions)
    }

    @Test
    fun `before a start it is said what to do`() {
        for (early in listOf({ Backhaul.sessions }, { Backhaul.wakeStatus })) {
            val failed = assertFailsWith<IllegalStateException> { early() }
            assertTrue("Backhaul.initialize(this)" in failed.message.orEmpty(), failed.message)
        }
        val nobody = assertFailsWith<IllegalStateException> { Backhaul.initialize(application) }
        assertTrue("SessionMaker" in nobody.message.orEmpty(), nobody.message)
        val later = assertFailsWith<IllegalStateException> { Backhaul.sessions }
        assertSame(nobody, later.cause)
        val early =
            object : ContextWrapper(null) {
                override fun getApplicationContext(): Context? = null
            }
        val noApplication = assertFailsWith<IllegalStateException> { Backhaul.initialize(early) { null } }
        assertTrue("onCreate" in noApplication.message.orEmpty(), noApplication.message)
    }

    @Test
    fun `a start on another thread is refused, and costs nothing`() {
        val failed = CompletableFuture.supplyAsync { runCatching { Backhaul.initialize(application, device.maker) } }
        val error = failed.get(PATIENCE.inWholeSeconds, TimeUnit.SECONDS).exceptionOrNull()
        assertTrue(error is IllegalStateException && "main thread" in error.message.orEmpty(), "$error")
        Backhaul.initialize(application, device.maker)
    }

    // rule W5
    @Test
    @Config(application = MakingApplication::class)
    fun `an application that makes sessions needs one line`() {
        device.openApp()
        device.jobs.killProcess()
        assertEquals(emptyList(), Backhaul.initialize(application).failedSessions)
    }

    // rule W5
    @Test
    fun `with a maker in the manifest nobody needs to write a line`() {
        assertFalse(provider().onCreate(), "there is none")
        assertFailsWith<IllegalStateException> { Backhaul.sessions }
        device.manifest { putString(SESSION_MAKER_KEY, MakerWithContext::class.java.name) }
        provider()
        assertNotNull(Backhaul.sessions)
    }

    @Test
    fun `a manifest that cannot be meant is explained, and keeps no app from starting`() {
        val wrong = mapOf("com.example.Nowhere" to "cannot be made", NoMaker::class.java.name to "is no dev.backhaul")
        for ((name, reason) in wrong) {
            device.manifest { putString(SESSION_MAKER_KEY, name) }
            val failed = assertFailsWith<IllegalStateException> { Backhaul.initialize(application) }
            assertTrue(reason in failed.message.orEmpty() && name in failed.message.orEmpty(), failed.message)
            assertFalse(provider().onCreate())
        }
        for (id in listOf(0, -3, Int.MAX_VALUE)) {
            device.manifest { putInt(JOB_ID_KEY, id) }
            val failed = assertFailsWith<IllegalStateException> { Backhaul.initialize(application, device.maker) }
            assertTrue(JOB_ID_KEY in failed.message.orEmpty(), failed.message)
        }
    }

    // rule P6
    @Test
    fun `the number of the job is the app's choice`() {
        device.manifest { putInt(JOB_ID_KEY, 4711) }
        assertEquals(4711, wakeJobIdOf(application))
        Backhaul.initialize(application, device.maker)
        assertEquals(4711, checkNotNull(Backhaul.runningOrNull()).wakes.jobId)
    }

    // rules S5, W3
    @Test
    fun `a job of an app that makes no sessions is over at once, and the log says what to do`() {
        val jobId = wakeJobIdOf(application)
        device.jobs.schedule(jobBuilder(application, jobId).setMinimumLatency(0).build())
        val run = device.jobs.run(jobId)
        assertEquals(false, run.answer)
        assertTrue(run.isOver)
        val lines = ShadowLog.getLogsForTag(LogcatSink.TAG).filter { it.type == Log.ERROR }
        assertTrue(lines.any { "Backhaul.initialize(this)" in it.msg }, "$lines")
    }

    // rules S5, W5
    @Test
    fun `a job starts the process of an app that is made for it`() {
        device.openApp()
        device.jobs.killProcess()
        device.manifest { putString(SESSION_MAKER_KEY, ManifestMaker::class.java.name) }
        val jobId = wakeJobIdOf(application)
        device.jobs.schedule(jobBuilder(application, jobId).setMinimumLatency(0).build())
        val run = device.jobs.run(jobId)
        assertEquals(true, run.answer)
        MainLooper.await("the job is finished") { run.isOver }
    }
}
