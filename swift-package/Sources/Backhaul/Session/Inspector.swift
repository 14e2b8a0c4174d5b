internal import BackhaulGenerated
import Foundation

/// Reads a container's store, also while a process runs its sessions: what is queued, why it waits, what was
/// delivered. It changes nothing and takes no lock.
///
/// Methods may be called on any thread; one reads at a time.
public final class Inspector: Sendable {
    private let core: BackhaulGenerated.Inspector

    /// Opens the container's store for reading; nil is the platform's usual place.
    ///
    /// `conditions` decide why a task is said to wait: a stranger cannot know what the owner was told, so without
    /// them nothing is held back by conditions.
    ///
    /// - Throws: ``BackhaulError/Kind/store`` when there is none or it cannot be read,
    ///   ``BackhaulError/Kind/containerInUse``.
    public init(container: URL? = nil, conditions: SystemConditions? = nil) throws(BackhaulError) {
        let path = container?.path ?? defaultContainer()
        core = try bridged { try .open(container: path, conditions: conditions?.generated) }
    }

    /// The identifiers of the sessions that the container knows.
    public var sessionIdentifiers: [String] {
        get throws(BackhaulError) { try bridged { try core.sessionIdentifiers() } }
    }

    /// A page of a session's tasks in the order of their ids; at most 1,000.
    ///
    /// - Throws: ``BackhaulError/Kind/invalidIdentifier`` for a session that the container does not know.
    public func tasks(
        ofSession identifier: String,
        after id: Int64? = nil,
        limit: Int = 1000
    ) throws(BackhaulError) -> [TaskInfo] {
        let limit = UInt32(clamping: limit)
        return try bridged { try core.tasksAfter(session: identifier, after: id, limit: limit) }.map(TaskInfo.init)
    }

    /// Where a task stands, and why (rule E1).
    ///
    /// - Throws: ``BackhaulError/Kind/unknownTask``, ``BackhaulError/Kind/invalidIdentifier``.
    public func explain(_ id: Int64, ofSession identifier: String) throws(BackhaulError) -> Explanation {
        try Explanation(bridged { try core.explain(session: identifier, id: id) })
    }

    /// A page of a session's journal: the ends of tasks after `sequence`, delivered ones included.
    ///
    /// - Throws: ``BackhaulError/Kind/invalidIdentifier`` for a session that the container does not know.
    public func journal(
        ofSession identifier: String,
        after sequence: Int64 = 0,
        limit: Int = 1000
    ) throws(BackhaulError) -> [JournalEvent] {
        let limit = UInt32(clamping: limit)
        return try bridged { try core.eventsAfter(session: identifier, sequence: sequence, limit: limit) }
            .map(JournalEvent.init)
    }
}
