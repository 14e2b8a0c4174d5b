package dev.backhaul.testkit

import dev.backhaul.BackgroundSessions
import dev.backhaul.Destination
import dev.backhaul.DownloadTask
import dev.backhaul.FileProtection
import dev.backhaul.ForceQuitPolicy
import dev.backhaul.GeneratedBackgroundSessions
import dev.backhaul.Members
import dev.backhaul.Plan
import dev.backhaul.Request
import dev.backhaul.Session
import dev.backhaul.SessionConfiguration
import dev.backhaul.SessionDelegate
import dev.backhaul.SessionLaunch
import dev.backhaul.TaskInfo
import dev.backhaul.TransferException
import dev.backhaul.ffi.ScenarioHost
import dev.backhaul.ffi.ScenarioSession
import dev.backhaul.ffi.ScenarioTask
import dev.backhaul.ffi.SessionParts
import dev.backhaul.guarded
import dev.backhaul.imported
import dev.backhaul.toCount
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

/** Does what the steps of a scenario say that the app does, through the API of Kotlin. */
private class Host : ScenarioHost {
    private val told = mutableMapOf<Long, Long>()
    private val members = Members()

    /** That of the last launch. */
    private lateinit var session: Session

    private val delegate =
        object : SessionDelegate {
            override fun didComplete(
                task: TaskInfo,
                error: TransferException?,
            ) {
                told.merge(task.id, 1, Long::plus)
            }
        }

    override fun makeSession(session: ScenarioSession): SessionParts =
        guarded {
            val id = session.identifier
            val configuration =
                if (session.isWatch) SessionConfiguration.watch(id) else SessionConfiguration.background(id)
            session.isDiscretionary?.let { configuration.isDiscretionary = it }
            session.timeoutForRequest?.let { configuration.timeoutForRequest = it.imported() }
            session.timeoutForResource?.let { configuration.timeoutForResource = it.imported() }
            session.maxConcurrentTransfers?.let { configuration.maximumConcurrentTransfers = it.toCount() }
            session.maxConnectionsPerHost?.let { configuration.maximumConnectionsPerHost = it.toCount() }
            configuration.allowsCellularAccess = session.allowsCellular
            configuration.allowsExpensiveNetworkAccess = session.allowsExpensive
            configuration.allowsConstrainedNetworkAccess = session.allowsConstrained
            configuration.sendsLaunchEvents = session.sendsLaunchEvents
            configuration.fileProtection = FileProtection.UNTIL_FIRST_UNLOCK
            if (session.requeuesAfterForceQuit) configuration.forceQuitPolicy = ForceQuitPolicy.REQUEUE
            members.parts(SessionLaunch(configuration, delegate))
        }

    override fun launched(sessions: GeneratedBackgroundSessions) =
        guarded { session = BackgroundSessions(sessions, members).use { it.sessions.single() } }

    override fun enqueue(tasks: List<ScenarioTask>): List<Long> =
        guarded {
            val plan = Plan()
            val steps = mutableListOf<Plan.Step>()
            for (task in tasks) {
                val earlier = task.afterPlaces.map { steps[it.toCount()] }
                steps += plan.add(requestOf(task), *earlier.toTypedArray())
            }
            session.enqueueBlocking(plan).map(DownloadTask::id)
        }

    override fun makeTask(task: ScenarioTask): Long = guarded { session.downloadTaskBlocking(requestOf(task)).id }

    override fun resume(task: Long) = guarded { session.taskBlocking(task).resumeBlocking() }

    override fun suspend(task: Long) = guarded { session.taskBlocking(task).suspendBlocking() }

    override fun cancel(task: Long) = guarded { session.taskBlocking(task).cancelBlocking() }

    override fun told(task: Long): ULong = (told[task] ?: 0).toULong()

    private fun requestOf(task: ScenarioTask) =
        Request(
            task.url,
            Destination.container(task.name),
            callerId = task.name,
            group = task.group,
            priority = task.priority,
            earliestBeginDate = task.earliestBeginDate?.imported(),
            countOfBytesClientExpectsToReceive = task.expectedBytes?.toCount(),
            expectedDigest = task.expectedDigest?.imported(),
            allowsCellularAccess = task.allowsCellular,
            allowsExpensiveNetworkAccess = task.allowsExpensive,
            allowsConstrainedNetworkAccess = task.allowsConstrained,
            isDiscretionary = task.isDiscretionary,
            after = task.after,
        )
}

class ScenarioTest {
    companion object {
        @JvmStatic
        fun scenarios(): List<Path> = Path.of("..", "..", "tests", "scenarios").listDirectoryEntries("*.json").sorted()
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    fun `every story ends for an app in Kotlin as it does for one in Rust`(file: Path) {
        // rule S7
        val json = file.readText()
        val ours = Scenario.playWith(json, Host())
        assertTrue(ours.isRight, ours.report)
        val library = Scenario.play(json)
        assertTrue(library.isRight, library.report)
        assertEquals(library.log, ours.log)
    }

    @Test
    fun `a mistake in a story is named with its place`() {
        // rule E3
        val error =
            assertFailsWith<TransferException.InvalidRequest> {
                Scenario.play(
                    "{\"name\": \"a\", \"steps\": [\"explode\"]}",
                )
            }
        assertTrue(error.message.orEmpty().isNotEmpty())
    }
}
