package dev.backhaul

import dev.backhaul.ffi.waitReasonUnblockedBy

/** Why a task that could run does not (rule P1). */
public sealed class WaitReason(
    /** The stable name, the same in every language: `retry_backoff`. */
    public val name: String,
) {
    /** What would end the wait, as a sentence for people. */
    public val unblockedBy: String
        get() {
            NativeLibrary.load()
            return waitReasonUnblockedBy(exported())
        }

    override fun toString(): String = name

    /** Created or paused, and not resumed. */
    public object Suspended : WaitReason("suspended")

    /** The request said not to begin before a time. */
    public object EarliestBeginDate : WaitReason("earliest_begin_date")

    /** There is no network. */
    public object Connectivity : WaitReason("connectivity")

    /** On a mobile network that the request or the session does not allow. */
    public object CellularNotAllowed : WaitReason("cellular_not_allowed")

    /** On a network that costs money, which is not allowed. */
    public object ExpensiveNotAllowed : WaitReason("expensive_not_allowed")

    /** Low Data Mode, which is not allowed. */
    public object ConstrainedNotAllowed : WaitReason("constrained_not_allowed")

    /** Discretionary work waits for a charger and an unmetered network. */
    public object Discretionary : WaitReason("discretionary")

    /** Discretionary work waits while the battery is being saved. */
    public object LowPower : WaitReason("low_power")

    /** The device is too warm. */
    public object Thermal : WaitReason("thermal")

    /** The volume has no room for the file. */
    public object Storage : WaitReason("storage")

    /** The last attempt failed; the next one comes after a pause. */
    public object RetryBackoff : WaitReason("retry_backoff")

    /** The server said when to come back. */
    public object RetryAfter : WaitReason("retry_after")

    /** As many transfers as allowed run to this host. */
    public object HostLimit : WaitReason("host_limit")

    /** As many transfers of this task's group as allowed run. */
    public object GroupLimit : WaitReason("group_limit")

    /** As many transfers as allowed run in this session, or others are ahead in the queue. */
    public object SessionLimit : WaitReason("session_limit")

    /** The app has no run time, or the transfer is too large for the wakes that a watch gets. */
    public object WakeBudget : WaitReason("wake_budget")

    /** Work that was created in the background waits longer with each wake. */
    public object LaunchRateLimit : WaitReason("launch_rate_limit")

    /** The server wants to know who asks. */
    public object Authentication : WaitReason("authentication")

    /** It comes after other tasks, which have not ended. */
    public object Dependency : WaitReason("dependency")

    /** Its files cannot be written while the device is locked. */
    public object ProtectedData : WaitReason("protected_data")

    public companion object {
        /** Every reason. */
        @JvmStatic
        public val entries: List<WaitReason> by lazy { GeneratedWaitReason.entries.map { it.imported() } }
    }
}

internal fun GeneratedWaitReason.imported(): WaitReason =
    when (this) {
        GeneratedWaitReason.SUSPENDED -> WaitReason.Suspended
        GeneratedWaitReason.EARLIEST_BEGIN_DATE -> WaitReason.EarliestBeginDate
        GeneratedWaitReason.CONNECTIVITY -> WaitReason.Connectivity
        GeneratedWaitReason.CELLULAR_NOT_ALLOWED -> WaitReason.CellularNotAllowed
        GeneratedWaitReason.EXPENSIVE_NOT_ALLOWED -> WaitReason.ExpensiveNotAllowed
        GeneratedWaitReason.CONSTRAINED_NOT_ALLOWED -> WaitReason.ConstrainedNotAllowed
        GeneratedWaitReason.DISCRETIONARY -> WaitReason.Discretionary
        GeneratedWaitReason.LOW_POWER -> WaitReason.LowPower
        GeneratedWaitReason.THERMAL -> WaitReason.Thermal
        GeneratedWaitReason.STORAGE -> WaitReason.Storage
        GeneratedWaitReason.RETRY_BACKOFF -> WaitReason.RetryBackoff
        GeneratedWaitReason.RETRY_AFTER -> WaitReason.RetryAfter
        GeneratedWaitReason.HOST_LIMIT -> WaitReason.HostLimit
        GeneratedWaitReason.GROUP_LIMIT -> WaitReason.GroupLimit
        GeneratedWaitReason.SESSION_LIMIT -> WaitReason.SessionLimit
        GeneratedWaitReason.WAKE_BUDGET -> WaitReason.WakeBudget
        GeneratedWaitReason.LAUNCH_RATE_LIMIT -> WaitReason.LaunchRateLimit
        GeneratedWaitReason.AUTHENTICATION -> WaitReason.Authentication
        GeneratedWaitReason.DEPENDENCY -> WaitReason.Dependency
        GeneratedWaitReason.PROTECTED_DATA -> WaitReason.ProtectedData
    }

internal fun WaitReason.exported(): GeneratedWaitReason = GeneratedWaitReason.valueOf(name.uppercase())
