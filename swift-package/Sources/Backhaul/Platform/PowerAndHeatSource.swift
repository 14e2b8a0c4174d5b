#if canImport(Network)
    import Foundation
    #if canImport(StandInFoundation)
        import StandInFoundation
    #endif

    extension ConditionsSource {
        /// Low Power Mode and the thermal state. Both notifications come on any thread.
        static var powerAndHeat: ConditionsSource {
            ConditionsSource(
                look: { conditions in
                    conditions.isLowPowerModeEnabled = ProcessInfo.processInfo.isLowPowerModeEnabled
                    conditions.thermalState = .init(ProcessInfo.processInfo.thermalState)
                },
                at: [.NSProcessInfoPowerStateDidChange, ProcessInfo.thermalStateDidChangeNotification]
            )
        }
    }

    extension SystemConditions.ThermalState {
        fileprivate init(_ state: ProcessInfo.ThermalState) {
            switch state {
            case .nominal: self = .nominal
            case .fair: self = .fair
            case .serious: self = .serious
            case .critical: self = .critical
            @unknown default: self = .critical
            }
        }
    }
#endif
