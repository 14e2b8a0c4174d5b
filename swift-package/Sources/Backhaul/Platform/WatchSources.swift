#if canImport(Network) && canImport(WatchKit) && (os(watchOS) || os(Linux))
    import WatchKit

    extension ConditionsSource {
        /// What the battery holds, and the charger. A watch posts no word of its battery: it is looked at whenever the
        /// app comes or goes, and at each wake.
        static var watchBattery: ConditionsSource {
            ConditionsSource(
                look: { conditions in
                    let device = WKInterfaceDevice.current()
                    device.isBatteryMonitoringEnabled = true
                    conditions.batteryPercent = percent(ofBatteryLevel: device.batteryLevel)
                    conditions.isCharging = device.batteryState != .unplugged
                },
                at: [WKApplication.didBecomeActiveNotification, WKApplication.didEnterBackgroundNotification]
            )
        }

        /// Where the app is in its life.
        ///
        /// After the wrist went down an app is inactive, which is what the platform calls frontmost: for two minutes
        /// after use, or for as long as the user has set. The system itself says when that is over.
        static var watchApp: ConditionsSource {
            ConditionsSource(
                look: { $0.appState = .init(WKApplication.shared().applicationState) },
                on: [
                    WKApplication.didBecomeActiveNotification: { $0.appState = .active },
                    WKApplication.willResignActiveNotification: { $0.appState = .frontmost },
                    WKApplication.willEnterForegroundNotification: { $0.appState = .frontmost },
                    WKApplication.didEnterBackgroundNotification: { $0.appState = .background },
                ]
            )
        }
    }

    extension [ConditionsSource] {
        /// Not the network: to an ordinary app `NWPathMonitor` shows none on watchOS, whatever there is (TN3135). There
        /// the system alone decides what a transfer may use.
        @MainActor package static var watch: [ConditionsSource] { [.powerAndHeat, .watchBattery, .watchApp] }
    }

    extension SystemConditions.AppState {
        fileprivate init(_ state: WKApplicationState) {
            switch state {
            case .active: self = .active
            case .inactive: self = .frontmost
            case .background: self = .background
            @unknown default: self = .background
            }
        }
    }
#endif
