package dev.backhaul.wear.model

import dev.backhaul.WaitReason
import dev.backhaul.wear.R

/** The reason as one short sentence for a small screen. What would help, in full, is [WaitReason.unblockedBy]. */
internal val WaitReason.sentence: Int
    get() =
        when (this) {
            WaitReason.Suspended -> R.string.reason_suspended
            WaitReason.EarliestBeginDate -> R.string.reason_earliest_begin_date
            WaitReason.Connectivity -> R.string.reason_connectivity
            WaitReason.CellularNotAllowed -> R.string.reason_cellular_not_allowed
            WaitReason.ExpensiveNotAllowed -> R.string.reason_expensive_not_allowed
            WaitReason.ConstrainedNotAllowed -> R.string.reason_constrained_not_allowed
            WaitReason.Discretionary -> R.string.reason_discretionary
            WaitReason.LowPower -> R.string.reason_low_power
            WaitReason.Thermal -> R.string.reason_thermal
            WaitReason.Storage -> R.string.reason_storage
            WaitReason.RetryBackoff -> R.string.reason_retry_backoff
            WaitReason.RetryAfter -> R.string.reason_retry_after
            WaitReason.HostLimit -> R.string.reason_host_limit
            WaitReason.GroupLimit -> R.string.reason_group_limit
            WaitReason.SessionLimit -> R.string.reason_session_limit
            WaitReason.WakeBudget -> R.string.reason_wake_budget
            WaitReason.LaunchRateLimit -> R.string.reason_launch_rate_limit
            WaitReason.Authentication -> R.string.reason_authentication
            WaitReason.Dependency -> R.string.reason_dependency
            WaitReason.ProtectedData -> R.string.reason_protected_data
        }
