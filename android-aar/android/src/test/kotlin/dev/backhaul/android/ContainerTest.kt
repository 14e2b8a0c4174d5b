package dev.backhaul.android

import dev.backhaul.BackgroundSessions
import dev.backhaul.SessionConfiguration
import dev.backhaul.SessionDelegate
import dev.backhaul.SessionLaunch
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import kotlin.test.Test
import kotlin.test.assertEquals
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
        assertTrue(container.toFile().list().orEmpty().isNotEmpty())
    }
}
