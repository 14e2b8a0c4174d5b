import Foundation

/// What the device is like. Frameworks read it from any thread and observe its changes.
public struct Conditions: Sendable, Equatable {
    public struct Battery: Sendable, Equatable {
        public enum Charging: Sendable { case unplugged, charging, full }
        /// 0.0 to 1.0.
        public var level: Float
        public var charging: Charging

        public init(level: Float, charging: Charging) {
            self.level = level
            self.charging = charging
        }
    }

    public enum Interface: Sendable { case wifi, cellular, wired }
    public enum Heat: Sendable { case nominal, fair, serious, critical }

    public struct Network: Sendable, Equatable {
        /// None: there is no way out.
        public var interface: Interface?
        public var isExpensive: Bool
        /// Low Data Mode.
        public var isConstrained: Bool

        public init(_ interface: Interface?, isExpensive: Bool? = nil, isConstrained: Bool = false) {
            self.interface = interface
            self.isExpensive = isExpensive ?? (interface == .cellular)
            self.isConstrained = isConstrained
        }
    }

    public var battery = Battery(level: 1, charging: .unplugged)
    public var isLowPowerModeEnabled = false
    public var heat = Heat.nominal
    public var network = Network(.wifi)
    public var isProtectedDataAvailable = true
    public var isBackgroundRefreshAllowed = true
}

/// A condition that changed. Observers read the new value from the device.
public enum Change: Sendable, Hashable {
    case batteryLevel
    case batteryState
    case lowPowerMode
    case heat
    case network
    /// The device was locked; protected files are about to become unreadable.
    case protectedDataWillBecomeUnavailable
    case protectedDataDidBecomeAvailable
    case backgroundRefresh
}
