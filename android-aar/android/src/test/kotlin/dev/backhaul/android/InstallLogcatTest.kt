package dev.backhaul.android

import android.util.Log
import dev.backhaul.BackgroundSessions
import dev.backhaul.LogLevel
import dev.backhaul.Request
import dev.backhaul.SessionConfiguration
import dev.backhaul.SessionDelegate
import dev.backhaul.SessionLaunch
import dev.backhaul.TaskInfo
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.shadows.ShadowLog
import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.LockSupport
import kotlin.test.AfterTest
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNull
import dev.backhaul.Log as BackhaulLog

@RunWith(RobolectricTestRunner::class)
class InstallLogcatTest {
    private val container = containerOf(RuntimeEnvironment.getApplication())

    @AfterTest
    fun silence() {
        BackhaulLog.setSink(null)
    }

    // rule E4
    @Test
    fun `what a delegate throws is in logcat`() {
        installLogcat()
        val delegate =
            object : SessionDelegate {
                override fun didCreateTask(task: TaskInfo): Unit = throw IllegalStateException("a mistake of the app")
            }
        BackgroundSessions.launch(container) { null }.use { sessions ->
            val configuration =
                SessionConfiguration.background("maps").apply {
                    container =
                        this@InstallLogcatTest.container
                }
            val session = sessions.open(SessionLaunch(configuration, delegate))
            session.downloadTaskBlocking(Request("https://example.com/a"))
            awaitLine("a mistake of the app")
        }
    }

    /** The log has a thread of its own; nothing tells when it has written. */
    private fun awaitLine(text: String) {
        val deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30)
        while (ShadowLog.getLogsForTag(LogcatSink.TAG).orEmpty().none { text in it.msg }) {
            check(System.nanoTime() < deadline) { "not in logcat: $text" }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1))
        }
    }

    // rule E4
    @Test
    fun `the device says which levels pass`() {
        ShadowLog.setLoggable(LogcatSink.TAG, Log.VERBOSE)
        assertEquals(LogLevel.TRACE, logcatLevel())
        ShadowLog.setLoggable(LogcatSink.TAG, Log.ERROR)
        assertEquals(LogLevel.ERROR, logcatLevel())
        ShadowLog.setLoggable(LogcatSink.TAG, Log.ASSERT)
        assertNull(logcatLevel())
    }
}
