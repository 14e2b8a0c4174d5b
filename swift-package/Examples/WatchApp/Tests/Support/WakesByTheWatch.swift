import BackhaulTestSupport
import Foundation
import StandInSystem

@testable import Backhaul

/// `WatchWakes` on a watch whose clock runs through a day in a second. The library goes by the real clock: what it asks
/// for in an hour comes when the watch's clock is an hour further.
final class WakesByTheWatch: WakeScheduler {
    private let system: System
    private let wakes = WatchWakes()
    private let life: any AnyObject & Sendable

    init(_ system: System, oneOf lives: Lives) {
        self.system = system
        life = lives.begin()
    }

    func schedule(_ request: WakeRequest) {
        let now = Date()
        let delay = request.date(withoutConstraintsAt: now).timeIntervalSince(now)
        let anything = WakeRequest.Constraints(network: true, unmetered: false, notCellular: false, charging: false)
        wakes.schedule(
            WakeRequest(earliestBeginDate: system.now + max(0, delay), constraints: anything, latest: nil))
    }

    func cancel() {
        wakes.cancel()
    }
}
