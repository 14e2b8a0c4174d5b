package dev.backhaul.android

import android.app.Activity
import dev.backhaul.AppState
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import kotlin.test.AfterTest
import kotlin.test.BeforeTest
import kotlin.test.Test
import kotlin.test.assertEquals

@RunWith(RobolectricTestRunner::class)
class AppStateSourceTest {
    private val device = SimulatedDevice()

    @BeforeTest
    fun start() {
        device.monitor.start()
        assertEquals(AppState.BACKGROUND, device.monitor.current.appState)
    }

    @AfterTest
    fun stop() = device.close()

    private fun assertOnly(
        state: AppState,
        change: () -> Unit,
    ) = device.assertOnePush(device.monitor.current.copy(appState = state), change)

    // rule W1
    @Test
    fun `an activity that is resumed, visible, and gone`() {
        val activity = Robolectric.buildActivity(Activity::class.java)
        device.assertNoPush { activity.create() }
        assertOnly(AppState.FRONTMOST) { activity.start() }
        assertOnly(AppState.ACTIVE) { activity.resume() }
        assertOnly(AppState.FRONTMOST) { activity.pause() }
        assertOnly(AppState.ACTIVE) { activity.resume() }
        assertOnly(AppState.BACKGROUND) { activity.pause().stop() }
        device.assertNoPush { activity.destroy() }
    }

    // rule W1
    @Test
    fun `a configuration change is no trip to the background`() {
        val activity = Robolectric.buildActivity(Activity::class.java)
        assertOnly(AppState.ACTIVE) { activity.setup() }
        device.assertNoPush { activity.recreate() }
        assertOnly(AppState.BACKGROUND) { activity.pause().stop().destroy() }
    }

    // rule W1
    @Test
    fun `one activity starts another`() {
        val first = Robolectric.buildActivity(Activity::class.java)
        val second = Robolectric.buildActivity(Activity::class.java)
        assertOnly(AppState.ACTIVE) { first.setup() }
        // In this order, and each in a message of its own.
        assertOnly(AppState.FRONTMOST) { first.pause() }
        assertOnly(AppState.ACTIVE) { second.create().start().resume() }
        device.assertNoPush { first.stop() }
        device.assertNoPush { first.destroy() }
        assertOnly(AppState.BACKGROUND) { second.pause().stop() }
    }

    // rule W1
    @Test
    fun `after a stop activities come and go unheard`() {
        val activity = Robolectric.buildActivity(Activity::class.java)
        assertOnly(AppState.ACTIVE) { activity.setup() }
        activity.pause().stop()
        device.assertNoPush { device.monitor.stop() }
        device.assertNoPush { activity.start().resume() }
        activity.pause().stop().destroy()
    }
}
