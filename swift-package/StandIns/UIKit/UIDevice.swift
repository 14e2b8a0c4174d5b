import Foundation
import StandInSystem

/// The device's battery: unknown, and silent, until the app turns monitoring on.
@MainActor open class UIDevice: NSObject {
    public enum BatteryState: Int, Sendable {
        case unknown
        case unplugged
        case charging
        case full
    }

    open class var current: UIDevice {
        let system = System.shared
        return system.process?.slot { UIDevice(of: system) } ?? UIDevice(of: system)
    }

    public nonisolated class var batteryLevelDidChangeNotification: Notification.Name {
        .init("UIDeviceBatteryLevelDidChangeNotification")
    }
    public nonisolated class var batteryStateDidChangeNotification: Notification.Name {
        .init("UIDeviceBatteryStateDidChangeNotification")
    }

    private let system: System

    open var isBatteryMonitoringEnabled = false

    /// 0.0 to 1.0, or -1.0 while it is not monitored.
    open var batteryLevel: Float { isBatteryMonitoringEnabled ? system.conditions.battery.level : -1 }

    open var batteryState: BatteryState {
        guard isBatteryMonitoringEnabled else { return .unknown }
        return switch system.conditions.battery.charging {
        case .unplugged: .unplugged
        case .charging: .charging
        case .full: .full
        }
    }

    private init(of system: System) {
        self.system = system
        super.init()
        system.observe([.batteryLevel, .batteryState]) { [unowned self] change in
            guard isBatteryMonitoringEnabled else { return }
            let name =
                change == .batteryLevel
                ? UIDevice.batteryLevelDidChangeNotification : UIDevice.batteryStateDidChangeNotification
            NotificationCenter.default.post(name: name, object: self)
        }
    }
}
