internal import BackhaulGenerated
import Foundation

/// A store that could not be read was moved aside (rule D6).
public struct StoreRecovery: Sendable, Hashable {
    /// Where the damaged store lies now; nothing lies there if it was gone.
    public let movedTo: URL
    /// What was wrong with it.
    public let reason: String
    /// Tasks of the container that could still be read in the damaged store.
    public let salvagedTasks: Int
    /// Tasks of this session that were made again from what lies beside their part files.
    public let rebuiltTasks: Int
    /// Those among the rebuilt whose metadata is lost.
    public let incompleteTasks: Int
}

extension StoreRecovery {
    init(_ recovery: BackhaulGenerated.StoreRecovery) {
        movedTo = URL(fileURLWithPath: recovery.movedTo)
        reason = recovery.reason
        salvagedTasks = Int(clamping: recovery.salvagedTasks)
        rebuiltTasks = Int(clamping: recovery.rebuiltTasks)
        incompleteTasks = Int(clamping: recovery.incompleteTasks)
    }
}
