import StandInSystem

/// How the device reaches the network.
public struct NWPath: Equatable, Sendable {
    public enum Status: Equatable, Sendable {
        case satisfied
        case unsatisfied
        case requiresConnection
    }

    public let status: Status
    /// The path uses an interface that costs, such as cellular.
    public let isExpensive: Bool
    /// Low Data Mode.
    public let isConstrained: Bool
    private let interface: NWInterface.InterfaceType?

    public func usesInterfaceType(_ type: NWInterface.InterfaceType) -> Bool {
        interface == type
    }

    init(_ network: Conditions.Network) {
        status = network.interface == nil ? .unsatisfied : .satisfied
        isExpensive = network.interface != nil && network.isExpensive
        isConstrained = network.interface != nil && network.isConstrained
        interface =
            switch network.interface {
            case .wifi: .wifi
            case .cellular: .cellular
            case .wired: .wiredEthernet
            case nil: nil
            }
    }
}

public struct NWInterface: Sendable {
    public enum InterfaceType: Sendable {
        case other
        case wifi
        case cellular
        case wiredEthernet
        case loopback
    }
}
