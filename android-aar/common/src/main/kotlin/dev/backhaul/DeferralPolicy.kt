package dev.backhaul

import dev.backhaul.ffi.standardRequirements
import dev.backhaul.ffi.standardUnmet
import kotlin.time.Duration

/**
 * What is known of a task when its needs are decided.
 *
 * @property isInBackgroundSession it belongs to a background session.
 * @property waitsForConnectivity it waits for a network rather than fail.
 * @property isDiscretionary the system may choose the time.
 * @property wasStartedInBackground it was started while the app was not in front.
 * @property wasAttempted an attempt was made.
 * @property allowsCellular request and session allow mobile networks.
 * @property allowsExpensive request and session allow networks that cost money by volume.
 * @property allowsConstrained request and session allow networks on which the user wants little traffic.
 * @property fileProtection when its file can be written.
 * @property expectedBytes the file's length, as the server or the request say it, else what the app expects.
 * @property receivedBytes how many bytes are here.
 * @property watch the limits of a watch.
 * @property elapsed how long ago it was resumed.
 * @property timeLimit how long it may take from there, waiting included; none until it is resumed.
 * @property priority from 0.0 to 1.0.
 * @property group the tag that it shares with others.
 */
public data class TaskFacts(
    public val isInBackgroundSession: Boolean = false,
    public val waitsForConnectivity: Boolean = false,
    public val isDiscretionary: Boolean = false,
    public val wasStartedInBackground: Boolean = false,
    public val wasAttempted: Boolean = false,
    public val allowsCellular: Boolean = true,
    public val allowsExpensive: Boolean = true,
    public val allowsConstrained: Boolean = true,
    public val fileProtection: FileProtection = FileProtection.UNTIL_FIRST_UNLOCK,
    public val expectedBytes: Long? = null,
    public val receivedBytes: Long = 0,
    public val watch: WatchBudget? = null,
    public val elapsed: Duration = Duration.ZERO,
    public val timeLimit: Duration? = null,
    public val priority: Float = 0.5f,
    public val group: String? = null,
)

/**
 * What a policy asks for one task.
 *
 * @property needs what must hold for the task to run.
 * @property relaxesIn when the policy wants to be asked again, counted from now.
 */
public data class Requirements
    @JvmOverloads
    constructor(
        public val needs: Needs,
        public val relaxesIn: Duration? = null,
    )

/**
 * Decides when transfers run (section P of the contract). Both methods are pure functions of their arguments, called
 * on the threads of the session at any time: they must neither block nor call a session. Where one throws,
 * [StandardPolicy] decides.
 */
public interface DeferralPolicy {
    /** What this task needs. */
    public fun requirements(task: TaskFacts): Requirements

    /** The needs that these conditions do not meet. */
    public fun unmet(conditions: SystemConditions): Needs
}

/** The policy of a session that names no other. One of the app's own may build on it. */
public object StandardPolicy : DeferralPolicy {
    override fun requirements(task: TaskFacts): Requirements {
        NativeLibrary.load()
        return calling { standardRequirements(task.exported()).imported() }
    }

    override fun unmet(conditions: SystemConditions): Needs {
        NativeLibrary.load()
        return Needs(standardUnmet(conditions.exported()))
    }
}

internal class DeferralPolicyAdapter(
    private val policy: DeferralPolicy,
) : GeneratedDeferralPolicy {
    override fun requirements(task: GeneratedTaskFacts): GeneratedRequirements =
        guarded { policy.requirements(task.imported()).exported() }

    override fun unmet(conditions: GeneratedConditions): Long = guarded { policy.unmet(conditions.imported()).bits }
}

private fun Requirements.exported() = GeneratedRequirements(needs.bits, relaxesIn?.exported("relaxesIn"))

private fun GeneratedRequirements.imported() = Requirements(Needs(needs), relaxesIn?.imported())

private fun GeneratedTaskFacts.imported() =
    TaskFacts(
        inBackgroundSession,
        waitsForConnectivity,
        isDiscretionary,
        startedInBackground,
        wasAttempted,
        allowsCellular,
        allowsExpensive,
        allowsConstrained,
        fileProtection.mirrored(),
        expectedBytes?.toCount(),
        receivedBytes.toCount(),
        watch?.imported(),
        elapsed.imported(),
        timeLimit?.imported(),
        priority,
        group,
    )

private fun TaskFacts.exported() =
    GeneratedTaskFacts(
        isInBackgroundSession,
        waitsForConnectivity,
        isDiscretionary,
        wasStartedInBackground,
        wasAttempted,
        allowsCellular,
        allowsExpensive,
        allowsConstrained,
        fileProtection.mirrored(),
        expectedBytes?.exported("expectedBytes"),
        receivedBytes.exported("receivedBytes"),
        watch?.exported(),
        elapsed.exported("elapsed"),
        timeLimit?.exported("timeLimit"),
        priority,
        group,
    )
