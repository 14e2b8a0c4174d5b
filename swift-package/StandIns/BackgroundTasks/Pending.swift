import Foundation
import StandInSystem

/// A submitted request, as the system keeps it.
struct Pending: Sendable {
    let identifier: String
    let earliestBeginDate: Date?
    let isProcessing: Bool
    var needsNetwork = false
    var needsPower = false

    init(_ request: BGTaskRequest) {
        identifier = request.identifier
        earliestBeginDate = request.earliestBeginDate
        let processing = request as? BGProcessingTaskRequest
        isProcessing = processing != nil
        needsNetwork = processing?.requiresNetworkConnectivity ?? false
        needsPower = processing?.requiresExternalPower ?? false
    }

    /// How many of its type an app may have pending.
    var limit: Int { isProcessing ? 10 : 1 }

    /// As the app wrote it.
    var request: BGTaskRequest {
        guard isProcessing else {
            let request = BGAppRefreshTaskRequest(identifier: identifier)
            request.earliestBeginDate = earliestBeginDate
            return request
        }
        let request = BGProcessingTaskRequest(identifier: identifier)
        request.earliestBeginDate = earliestBeginDate
        request.requiresNetworkConnectivity = needsNetwork
        request.requiresExternalPower = needsPower
        return request
    }

    func mayRun(at now: Date, in conditions: Conditions) -> Bool {
        if let earliestBeginDate, now < earliestBeginDate { return false }
        if needsNetwork, conditions.network.interface == nil { return false }
        return !needsPower || conditions.battery.charging != .unplugged
    }
}
