import Backhaul

extension SessionEvent {
    /// Its case, for tests of order.
    public var name: String {
        switch self {
        case .created: "created"
        case .waiting: "waiting"
        case .responded: "responded"
        case .resumed: "resumed"
        case .restarted: "restarted"
        case .progressed: "progressed"
        case .collectedMetrics: "collectedMetrics"
        case .finished: "finished"
        case .completed: "completed"
        case .finishedEvents: "finishedEvents"
        case .recovered: "recovered"
        case .cancelledUnknownTransfer: "cancelledUnknownTransfer"
        case .becameInvalid: "becameInvalid"
        case .missed: "missed"
        }
    }
}
