import Foundation
import StandInSystem

public enum WKInterfaceDeviceBatteryState: Int, Sendable {
    case unknown
    case unplugged
    case charging
    case full
}

/// The watch's battery: unknown until the app turns monitoring on. The platform posts no notification of it.
@MainActor open class WKInterfaceDevice: NSObject {
    open class func current() -> WKInterfaceDevice {
        let system = System.shared
        return system.process?.slot { WKInterfaceDevice(of: system) } ?? WKInterfaceDevice(of: system)
    }

    private let system: System

    open var isBatteryMonitoringEnabled = false

    /// 0.0 to 1.0, or -1.0 while it is not monitored.
    open var batteryLevel: Float { isBatteryMonitoringEnabled ? system.conditions.battery.level : -1 }

    open var batteryState: WKInterfaceDeviceBatteryState {
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
    }
}
