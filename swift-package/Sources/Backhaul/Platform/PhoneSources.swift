#if canImport(Network) && canImport(UIKit) && !os(watchOS)
    import UIKit

    extension ConditionsSource {
        /// What the battery holds, and the charger. The device says so only while its battery is monitored.
        static var phoneBattery: ConditionsSource {
            ConditionsSource(
                look: { conditions in
                    UIDevice.current.isBatteryMonitoringEnabled = true
                    conditions.batteryPercent = percent(ofBatteryLevel: UIDevice.current.batteryLevel)
                    conditions.isCharging = UIDevice.current.batteryState != .unplugged
                },
                at: [UIDevice.batteryLevelDidChangeNotification, UIDevice.batteryStateDidChangeNotification]
            )
        }

        /// Where the app is in its life, and whether files that are protected while the device is locked can be read.
        @available(iOSApplicationExtension, unavailable)
        static var phoneApp: ConditionsSource {
            ConditionsSource(
                look: { conditions in
                    conditions.appState = .init(UIApplication.shared.applicationState)
                    conditions.isProtectedDataAvailable = UIApplication.shared.isProtectedDataAvailable
                },
                on: [
                    UIApplication.didBecomeActiveNotification: { $0.appState = .active },
                    UIApplication.willResignActiveNotification: { $0.appState = .frontmost },
                    UIApplication.willEnterForegroundNotification: { $0.appState = .frontmost },
                    UIApplication.didEnterBackgroundNotification: { $0.appState = .background },
                    UIApplication.protectedDataWillBecomeUnavailableNotification: {
                        $0.isProtectedDataAvailable = false
                    },
                    UIApplication.protectedDataDidBecomeAvailableNotification: { $0.isProtectedDataAvailable = true },
                ]
            )
        }
    }

    extension [ConditionsSource] {
        @available(iOSApplicationExtension, unavailable)
        @MainActor package static var phone: [ConditionsSource] {
            [.networkPath, .powerAndHeat, .phoneBattery, .phoneApp]
        }
    }

    extension SystemConditions.AppState {
        fileprivate init(_ state: UIApplication.State) {
            switch state {
            case .active: self = .active
            // On the screen, behind an alert or on its way.
            case .inactive: self = .frontmost
            case .background: self = .background
            @unknown default: self = .background
            }
        }
    }
#endif
