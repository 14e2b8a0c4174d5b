internal import BackhaulGenerated

/// Why a task that could run does not (rule P1). The raw value is the stable name, the same in every language.
public enum WaitReason: String, Sendable, Hashable, CaseIterable, Codable {
    /// Created or paused, and not resumed.
    case suspended
    /// The request said not to begin before a time.
    case earliestBeginDate = "earliest_begin_date"
    /// There is no network.
    case connectivity
    /// On a mobile network that the request or the session does not allow.
    case cellularNotAllowed = "cellular_not_allowed"
    /// On a network that costs money, which is not allowed.
    case expensiveNotAllowed = "expensive_not_allowed"
    /// Low Data Mode, which is not allowed.
    case constrainedNotAllowed = "constrained_not_allowed"
    /// Discretionary work waits for a charger and an unmetered network.
    case discretionary
    /// Discretionary work waits while the battery is being saved.
    case lowPower = "low_power"
    /// The device is too warm.
    case thermal
    /// The volume has no room for the file.
    case storage
    /// The last attempt failed; the next one comes after a pause.
    case retryBackoff = "retry_backoff"
    /// The server said when to come back.
    case retryAfter = "retry_after"
    /// As many transfers as allowed run to this host.
    case hostLimit = "host_limit"
    /// As many transfers of this task's group as allowed run.
    case groupLimit = "group_limit"
    /// As many transfers as allowed run in this session, or others are ahead in the queue.
    case sessionLimit = "session_limit"
    /// The app has no run time, or the transfer is too large for the wakes that a watch gets.
    case wakeBudget = "wake_budget"
    /// Work that was created in the background waits longer with each wake.
    case launchRateLimit = "launch_rate_limit"
    /// The server wants to know who asks.
    case authentication
    /// It comes after other tasks, which have not ended.
    case dependency
    /// Its files cannot be written while the device is locked.
    case protectedData = "protected_data"

    /// What would end the wait, as a sentence for people.
    public var unblockedBy: String {
        waitReasonUnblockedBy(reason: generated)
    }
}

extension WaitReason {
    init(_ reason: BackhaulGenerated.WaitReason) {
        switch reason {
        case .suspended: self = .suspended
        case .earliestBeginDate: self = .earliestBeginDate
        case .connectivity: self = .connectivity
        case .cellularNotAllowed: self = .cellularNotAllowed
        case .expensiveNotAllowed: self = .expensiveNotAllowed
        case .constrainedNotAllowed: self = .constrainedNotAllowed
        case .discretionary: self = .discretionary
        case .lowPower: self = .lowPower
        case .thermal: self = .thermal
        case .storage: self = .storage
        case .retryBackoff: self = .retryBackoff
        case .retryAfter: self = .retryAfter
        case .hostLimit: self = .hostLimit
        case .groupLimit: self = .groupLimit
        case .sessionLimit: self = .sessionLimit
        case .wakeBudget: self = .wakeBudget
        case .launchRateLimit: self = .launchRateLimit
        case .authentication: self = .authentication
        case .dependency: self = .dependency
        case .protectedData: self = .protectedData
        }
    }

    var generated: BackhaulGenerated.WaitReason {
        switch self {
        case .suspended: .suspended
        case .earliestBeginDate: .earliestBeginDate
        case .connectivity: .connectivity
        case .cellularNotAllowed: .cellularNotAllowed
        case .expensiveNotAllowed: .expensiveNotAllowed
        case .constrainedNotAllowed: .constrainedNotAllowed
        case .discretionary: .discretionary
        case .lowPower: .lowPower
        case .thermal: .thermal
        case .storage: .storage
        case .retryBackoff: .retryBackoff
        case .retryAfter: .retryAfter
        case .hostLimit: .hostLimit
        case .groupLimit: .groupLimit
        case .sessionLimit: .sessionLimit
        case .wakeBudget: .wakeBudget
        case .launchRateLimit: .launchRateLimit
        case .authentication: .authentication
        case .dependency: .dependency
        case .protectedData: .protectedData
        }
    }
}
