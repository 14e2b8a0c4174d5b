internal import BackhaulGenerated
import Foundation

/// One wake that would be of use (rule P6).
public struct WakeRequest: Sendable, Hashable {
    /// What must hold for a wake to be of use.
    public struct Constraints: Sendable, Hashable {
        /// A network of any kind.
        public let network: Bool
        /// One that is not metered.
        public let unmetered: Bool
        /// One that is not a mobile network.
        public let notCellular: Bool
        /// A charger.
        public let charging: Bool
    }

    /// Not before this: `earliestBeginDate` of a `BGTaskRequest`.
    public let earliestBeginDate: Date
    /// And only once these hold.
    public let constraints: Constraints
    /// When to wake although they do not hold.
    public let latest: Date?
}

/// Asks the platform for the app's next wake (rule P6).
///
/// One request stands for all tasks of a container, and each new one replaces the one before. Called on the
/// thread that sessions run on: it must not block, and must not call a session. What it throws is logged.
public protocol WakeScheduler: Sendable {
    /// The next useful moment, and what must be true then.
    func schedule(_ request: WakeRequest) throws

    /// Nothing is left to wake for.
    func cancel() throws
}

/// The app's scheduler as the library's.
final class WakeSchedulerAdapter: BackhaulGenerated.WakeScheduler {
    private let scheduler: any WakeScheduler

    init(_ scheduler: any WakeScheduler) {
        self.scheduler = scheduler
    }

    func schedule(request: BackhaulGenerated.WakeRequest) throws {
        try reporting { try scheduler.schedule(WakeRequest(request)) }
    }

    func cancel() throws {
        try reporting { try scheduler.cancel() }
    }
}

extension WakeRequest {
    init(_ request: BackhaulGenerated.WakeRequest) {
        earliestBeginDate = request.at
        latest = request.latest
        constraints = Constraints(
            network: request.constraints.network,
            unmetered: request.constraints.unmetered,
            notCellular: request.constraints.notCellular,
            charging: request.constraints.charging
        )
    }
}
