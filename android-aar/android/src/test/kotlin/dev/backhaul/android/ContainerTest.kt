package dev.backhaul.android

import android.os.UserManager
import dev.backhaul.BackgroundSessions
import dev.backhaul.SessionConfiguration
import dev.backhaul.SessionDelegate
import dev.backhaul.SessionLaunch
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

@RunWith(RobolectricTestRunner::class)
class ContainerTest {
    private val context = RuntimeEnvironment.getApplication()

    // rule T3
    @Test
    fun `the store lies out of backups`() {
        val container = containerOf(context)
        BackgroundSessions.launch(container) { null }.use { sessions ->
            val configuration = SessionConfiguration.background("maps").apply { this.container = container }
            sessions.open(SessionLaunch(configuration, object : SessionDelegate {}))
            assertEquals(listOf("maps"), sessions.sessions.map { it.identifier })
        }
        assertTrue(container.startsWith(context.noBackupFilesDir.toPath()))
        assertTrue(
            container
                .toFile()
                .list()
                .orEmpty()
                .isNotEmpty(),
        )
    }

    // rule T3
    @Test
    fun `there is one container, whatever storage a context was made for`() {
        val elsewhere = context.createDeviceProtectedStorageContext()
        assertTrue(elsewhere.isDeviceProtectedStorage)
        assertEquals(containerOf(context), containerOf(elsewhere))
    }

    // rule T3
    @Test
    fun `before the first unlock it is said that it is too early`() {
        val users = shadowOf(context.service<UserManager>())
        users.setUserUnlocked(false)
        val error = assertFailsWith<IllegalStateException> { containerOf(context) }
        assertTrue("ACTION_USER_UNLOCKED" in error.message.orEmpty(), error.message)
        users.setUserUnlocked(true)
        assertTrue(containerOf(context).startsWith(context.noBackupFilesDir.toPath()))
    }
}
