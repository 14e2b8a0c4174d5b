import Foundation
import StandInSystem
import Synchronization

/// Posts what the app has asked to hear of, once for each life of the app.
final class PowerNotifications: Sendable {
    private let started = Mutex<Set<Change>>([])

    static func start(_ change: Change) {
        System.shared.process?.slot { PowerNotifications() }.start(change)
    }

    private func start(_ change: Change) {
        guard started.withLock({ $0.insert(change).inserted }) else { return }
        System.shared.observe([change]) { change in
            let name =
                change == .heat
                ? ProcessInfo.thermalStateDidChangeNotification : .NSProcessInfoPowerStateDidChange
            DispatchQueue.global().async {
                NotificationCenter.default.post(name: name, object: ProcessInfo.processInfo)
            }
        }
    }
}
