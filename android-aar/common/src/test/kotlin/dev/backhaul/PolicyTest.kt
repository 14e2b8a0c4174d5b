package dev.backhaul

import org.junit.jupiter.api.Test
import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

class PolicyTest {
    @Test
    fun `an app's own policy decides when transfers run`() =
        withFixture { fixture ->
            // rule P1
            val policy =
                object : DeferralPolicy {
                    override fun requirements(task: TaskFacts) =
                        StandardPolicy.requirements(task).run { copy(needs = needs + Needs.NOT_LOW_POWER) }

                    override fun unmet(conditions: SystemConditions) = StandardPolicy.unmet(conditions)
                }
            val configuration =
                fixture.background().apply {
                    deferralPolicy = policy
                    conditions = SystemConditions(isLowPower = true)
                }
            Session(configuration, Recorder()).use { session ->
                val task = session.enqueue(Request(fixture.serve("a")))
                assertEquals(TaskState.Waiting(WaitReason.LowPower), task.info().state)
                session.setConditions(SystemConditions())
                assertEquals(100_000, task.await().length)
            }
        }

    @Test
    fun `where a policy throws the standard one decides`() =
        withFixture { fixture ->
            // rule P1
            val asked = AtomicInteger()
            val policy =
                object : DeferralPolicy {
                    override fun requirements(task: TaskFacts): Requirements {
                        asked.incrementAndGet()
                        throw AssertionError("a mistake of the app")
                    }

                    override fun unmet(conditions: SystemConditions): Needs = TODO("another")
                }
            val configuration =
                fixture.background().apply {
                    deferralPolicy = policy
                    conditions = SystemConditions(network = Network.NONE)
                }
            Session(configuration, Recorder()).use { session ->
                val task = session.enqueue(Request(fixture.serve("a")))
                assertEquals(TaskState.Waiting(WaitReason.Connectivity), task.info().state)
                assertTrue(asked.get() > 0)
            }
        }

    @Test
    fun `the bits of needs are the library's`() {
        // rule P1
        val ideal = SystemConditions()
        assertEquals(Needs.NONE, StandardPolicy.unmet(ideal))
        val unmet =
            mapOf(
                ideal.copy(network = Network.NONE) to Needs.NETWORK,
                ideal.copy(network = Network.CELLULAR) to Needs.NOT_CELLULAR,
                ideal.copy(isExpensive = true) to Needs.NOT_EXPENSIVE,
                ideal.copy(isConstrained = true) to Needs.NOT_CONSTRAINED,
                ideal.copy(isCharging = false) to Needs.EASE,
                ideal.copy(isCharging = false, isExpensive = true) to Needs.EASE_HALF,
                ideal.copy(isLowPower = true) to Needs.NOT_LOW_POWER,
                ideal.copy(thermal = ThermalState.SERIOUS) to Needs.NOT_WARM,
                ideal.copy(thermal = ThermalState.CRITICAL) to Needs.NOT_HOT,
                ideal.copy(isStorageLow = true) to Needs.ROOM,
                ideal.copy(isProtectedDataAvailable = false) to Needs.UNLOCKED,
                ideal.copy(isCharging = false, standbyBucket = StandbyBucket.RARE) to Needs.CHARGER_IF_RARE,
                ideal.copy(isCharging = false) to Needs.SMALL,
                ideal.copy(isDataSaver = true, isExpensive = true, appState = AppState.BACKGROUND) to
                    Needs.NO_DATA_SAVER,
            )
        for ((conditions, need) in unmet) {
            assertTrue(
                need in StandardPolicy.unmet(conditions),
                "$conditions $need ${StandardPolicy.unmet(conditions)}",
            )
        }
        assertFalse(Needs.NETWORK in Needs.NETWORK + Needs.EASE - Needs.NETWORK)
    }

    @Test
    fun `the standard policy asks of discretionary work what the contract says`() {
        // rule P4
        val facts = TaskFacts(isInBackgroundSession = true, isDiscretionary = true, allowsCellular = false)
        val needs = StandardPolicy.requirements(facts).needs
        assertTrue(Needs.EASE + Needs.NOT_CELLULAR + Needs.NOT_LOW_POWER in needs, "$needs")
        assertFalse(Needs.EASE in StandardPolicy.requirements(facts.copy(isDiscretionary = false)).needs)
    }

    @Test
    fun `a watch holds what is large for it`() =
        withFixture { fixture ->
            // rule P8
            val configuration =
                SessionConfiguration.watch("watch").apply {
                    container = fixture.container
                    plainHttpHosts = setOf("127.0.0.1")
                    isDiscretionary = false
                    watchBudget = WatchBudget(1_000)
                    conditions = SystemConditions(isCharging = false, batteryPercent = 50)
                }
            Session(configuration, Recorder()).use { session ->
                val large = session.enqueue(Request(fixture.serve("a"), expectedSize = 100_000))
                assertEquals(TaskState.Waiting(WaitReason.WakeBudget), large.info().state)
                assertEquals(500, session.enqueue(Request(fixture.serve("b", 500), expectedSize = 500)).await().length)
            }
        }
}
