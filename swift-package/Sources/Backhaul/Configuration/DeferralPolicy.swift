internal import BackhaulGenerated
import Foundation

/// What is known of a task when its needs are decided.
public struct TaskFacts: Sendable, Hashable {
    /// It belongs to a background session.
    public var isInBackgroundSession: Bool
    /// It waits for a network rather than fail.
    public var waitsForConnectivity: Bool
    /// The system may choose the time.
    public var isDiscretionary: Bool
    /// It was started while the app was not in front.
    public var wasStartedInBackground: Bool
    /// An attempt was made.
    public var wasAttempted: Bool
    /// Request and session allow mobile networks.
    public var allowsCellularAccess: Bool
    /// Request and session allow networks that cost money by volume.
    public var allowsExpensiveNetworkAccess: Bool
    /// Request and session allow networks in Low Data Mode.
    public var allowsConstrainedNetworkAccess: Bool
    /// When its file can be written.
    public var fileProtection: FileProtection
    /// The file's length, as the server or the request say it, else what the app expects.
    public var expectedBytes: Int64?
    /// How many bytes are here.
    public var receivedBytes: Int64
    /// The limits of a watch.
    public var watchBudget: WatchBudget?
    /// How long ago it was resumed.
    public var elapsed: Duration
    /// How long it may take from there, waiting included; nil until it is resumed.
    public var timeLimit: Duration?
    /// From 0.0 to 1.0.
    public var priority: Float
    /// The tag that it shares with others.
    public var group: String?
}

/// What a policy asks for one task.
public struct Requirements: Sendable, Hashable {
    /// What must hold for the task to run.
    public var needs: Needs
    /// When the policy wants to be asked again, counted from now.
    public var relaxesIn: Duration?

    /// Needs that hold until the facts change, unless `relaxesIn` is given.
    public init(needs: Needs, relaxesIn: Duration? = nil) {
        self.needs = needs
        self.relaxesIn = relaxesIn
    }
}

/// Decides when transfers run, in place of the standard policy (section P of the contract).
///
/// Both methods are pure functions of their arguments, called on the threads of the session at any time: they
/// must neither block nor call a session. Where one throws, ``StandardPolicy`` decides.
public protocol DeferralPolicy: Sendable {
    /// What this task needs.
    func requirements(for task: TaskFacts) throws -> Requirements

    /// The needs that these conditions do not meet.
    func unmetNeeds(in conditions: SystemConditions) throws -> Needs
}

extension DeferralPolicy {
    /// What the standard policy sees unmet.
    public func unmetNeeds(in conditions: SystemConditions) throws -> Needs {
        StandardPolicy().unmetNeeds(in: conditions)
    }
}

/// The policy of sessions that are given none: for policies that differ from it in a few points.
public struct StandardPolicy: DeferralPolicy {
    public init() {}

    public func requirements(for task: TaskFacts) -> Requirements {
        let standard = standardRequirements(task: task.generated)
        return Requirements(
            needs: Needs(rawValue: standard.needs),
            relaxesIn: standard.relaxesIn.map(Duration.init(interval:))
        )
    }

    public func unmetNeeds(in conditions: SystemConditions) -> Needs {
        Needs(rawValue: standardUnmet(conditions: conditions.generated))
    }
}

/// The app's policy as the library's.
final class DeferralPolicyAdapter: BackhaulGenerated.DeferralPolicy {
    private let policy: any DeferralPolicy

    init(_ policy: any DeferralPolicy) {
        self.policy = policy
    }

    func requirements(task: BackhaulGenerated.TaskFacts) throws -> BackhaulGenerated.Requirements {
        let asked = try reporting { try policy.requirements(for: TaskFacts(task)) }
        return BackhaulGenerated.Requirements(
            needs: asked.needs.rawValue,
            relaxesIn: asked.relaxesIn?.interval
        )
    }

    func unmet(conditions: BackhaulGenerated.SystemConditions) throws -> Int64 {
        try reporting { try policy.unmetNeeds(in: SystemConditions(conditions)).rawValue }
    }
}

extension TaskFacts {
    init(_ facts: BackhaulGenerated.TaskFacts) {
        isInBackgroundSession = facts.inBackgroundSession
        waitsForConnectivity = facts.waitsForConnectivity
        isDiscretionary = facts.isDiscretionary
        wasStartedInBackground = facts.startedInBackground
        wasAttempted = facts.wasAttempted
        allowsCellularAccess = facts.allowsCellular
        allowsExpensiveNetworkAccess = facts.allowsExpensive
        allowsConstrainedNetworkAccess = facts.allowsConstrained
        fileProtection = FileProtection(facts.fileProtection)
        expectedBytes = facts.expectedBytes.count
        receivedBytes = Int64(count: facts.receivedBytes)
        watchBudget = facts.watch.map(WatchBudget.init)
        elapsed = Duration(interval: facts.elapsed)
        timeLimit = facts.timeLimit.map(Duration.init(interval:))
        priority = facts.priority
        group = facts.group
    }

    var generated: BackhaulGenerated.TaskFacts {
        BackhaulGenerated.TaskFacts(
            inBackgroundSession: isInBackgroundSession,
            waitsForConnectivity: waitsForConnectivity,
            isDiscretionary: isDiscretionary,
            startedInBackground: wasStartedInBackground,
            wasAttempted: wasAttempted,
            allowsCellular: allowsCellularAccess,
            allowsExpensive: allowsExpensiveNetworkAccess,
            allowsConstrained: allowsConstrainedNetworkAccess,
            fileProtection: fileProtection.generated,
            expectedBytes: expectedBytes.count,
            receivedBytes: UInt64(count: receivedBytes),
            watch: watchBudget?.generated,
            elapsed: elapsed.interval,
            timeLimit: timeLimit?.interval,
            priority: priority,
            group: group
        )
    }
}
