internal import BackhaulGenerated

/// Which answers are files (rule H5).
public enum StatusPolicy: Sendable, Hashable {
    /// Only 2xx: any other answer is a failure that carries status, headers and up to 64 KiB of body.
    case successOnly
    /// Every final answer's body is the file, as with `URLSession`.
    case any
}

/// When a transfer may go on without a strong validator (rule R5).
public enum ResumePolicy: Sendable, Hashable {
    /// A strong validator, or a digest of the whole file.
    case strict
    /// Where there is neither, 64 KiB that compare equal are enough; the file says so.
    case lenient
}

/// The pauses between attempts (rule H1): exponential, with full jitter, until the deadline.
public struct RetryPolicy: Sendable, Hashable {
    /// The longest first pause.
    public var base: Duration
    /// The longest pause of all.
    public var cap: Duration

    /// One second at first, five minutes at most, unless given.
    public init(base: Duration = .seconds(1), cap: Duration = .seconds(300)) {
        self.base = base
        self.cap = cap
    }
}

/// When the delegate is told while the app is not in front (rule W2).
public enum DeliveryPolicy: Sendable, Hashable {
    /// Together, when every task of the session has ended.
    case coalesced
    /// Each at once, as long as the process has run time.
    case each
}

/// What becomes of tasks when the user ends the app by force (rule W6).
public enum ForceQuitPolicy: Sendable, Hashable {
    /// They end with ``BackhaulError/Kind/userForceQuit``, as with `URLSession`.
    case report
    /// They go on at the next launch.
    case requeue
}

/// How the process before this one ended, as far as the platform says.
public enum PreviousExit: Sendable, Hashable {
    /// In any other way, or nobody knows: tasks go on.
    case ordinary
    /// The user ended it by force.
    case forceQuit
}

/// When a session's files can be written.
public enum FileProtection: Sendable, Hashable {
    /// Always, once the device was unlocked after a start.
    case untilFirstUnlock
    /// Only while the device is unlocked. Tasks wait as ``WaitReason/protectedData``.
    case complete
}

/// What a watch transfers at any time, and what it makes of the rest (rule P8).
public struct WatchBudget: Sendable, Hashable {
    /// What becomes of a transfer that is too large for the wakes of a watch.
    public enum LargeTransfers: Sendable, Hashable {
        /// It waits for a charger and Wi-Fi.
        case hold
        /// It is refused.
        case refuse
    }

    /// Transfers up to this length run in any wake.
    public var smallTransferLimit: Int64
    /// What becomes of larger ones.
    public var largeTransfers: LargeTransfers

    /// Limits in bytes.
    public init(smallTransferLimit: Int64, largeTransfers: LargeTransfers = .hold) {
        self.smallTransferLimit = smallTransferLimit
        self.largeTransfers = largeTransfers
    }
}

extension StatusPolicy {
    var generated: BackhaulGenerated.StatusPolicy {
        switch self {
        case .successOnly: .successOnly
        case .any: .any
        }
    }
}

extension ResumePolicy {
    var generated: BackhaulGenerated.ResumePolicy {
        switch self {
        case .strict: .strict
        case .lenient: .lenient
        }
    }
}

extension RetryPolicy {
    var generated: BackhaulGenerated.RetryPolicy {
        BackhaulGenerated.RetryPolicy(base: base.interval, cap: cap.interval)
    }
}

extension DeliveryPolicy {
    var generated: BackhaulGenerated.DeliveryPolicy {
        switch self {
        case .coalesced: .coalesced
        case .each: .each
        }
    }
}

extension ForceQuitPolicy {
    var generated: BackhaulGenerated.ForceQuitPolicy {
        switch self {
        case .report: .report
        case .requeue: .requeue
        }
    }
}

extension PreviousExit {
    var generated: BackhaulGenerated.PreviousExit {
        switch self {
        case .ordinary: .ordinary
        case .forceQuit: .forceQuit
        }
    }
}

extension FileProtection {
    init(_ protection: BackhaulGenerated.FileProtection) {
        switch protection {
        case .untilFirstUnlock: self = .untilFirstUnlock
        case .complete: self = .complete
        }
    }

    var generated: BackhaulGenerated.FileProtection {
        switch self {
        case .untilFirstUnlock: .untilFirstUnlock
        case .complete: .complete
        }
    }
}

extension WatchBudget {
    init(_ budget: BackhaulGenerated.WatchBudget) {
        smallTransferLimit = Int64(count: budget.smallTransferLimitBytes)
        switch budget.largeTransfers {
        case .hold: largeTransfers = .hold
        case .refuse: largeTransfers = .refuse
        }
    }

    var generated: BackhaulGenerated.WatchBudget {
        BackhaulGenerated.WatchBudget(
            smallTransferLimitBytes: UInt64(count: smallTransferLimit),
            largeTransfers: largeTransfers == .hold ? .hold : .refuse
        )
    }
}
