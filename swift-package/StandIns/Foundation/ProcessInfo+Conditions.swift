import Foundation
import StandInSystem

/// Power and heat, which Foundation has only on Apple's platforms.
///
/// Both notifications are posted on the global dispatch queue, as documented, with `ProcessInfo` as their object.
/// That of heat comes only to an app that has asked for `thermalState` before.
extension ProcessInfo {
    public enum ThermalState: Int, Sendable {
        case nominal
        case fair
        case serious
        case critical
    }

    public class var thermalStateDidChangeNotification: Notification.Name {
        Notification.Name("NSProcessInfoThermalStateDidChangeNotification")
    }

    public var isLowPowerModeEnabled: Bool {
        PowerNotifications.start(.lowPowerMode)
        return System.shared.conditions.isLowPowerModeEnabled
    }

    public var thermalState: ThermalState {
        PowerNotifications.start(.heat)
        return switch System.shared.conditions.heat {
        case .nominal: .nominal
        case .fair: .fair
        case .serious: .serious
        case .critical: .critical
        }
    }
}

extension Notification.Name {
    // The platform's own name.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    public static var NSProcessInfoPowerStateDidChange: Notification.Name {
        Notification.Name("NSProcessInfoPowerStateDidChangeNotification")
    }
}
