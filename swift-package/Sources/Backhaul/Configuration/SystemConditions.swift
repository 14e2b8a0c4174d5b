package import BackhaulGenerated

/// Everything about the system that decides whether a transfer may run (section P of the contract): pushed
/// by the platform, never polled.
public struct SystemConditions: Sendable, Hashable {
    /// What the device is connected through.
    public enum Network: Sendable, Hashable, CaseIterable {
        /// Nothing.
        case none
        /// Wi-Fi.
        case wifi
        /// A mobile network.
        case cellular
        /// A cable.
        case wired
    }

    /// How warm the device is, in the words of `ProcessInfo`.
    public enum ThermalState: Sendable, Hashable, CaseIterable {
        /// As it should be.
        case nominal
        /// Slightly warm; nothing waits.
        case fair
        /// Warm enough that the system slows down: discretionary work waits.
        case serious
        /// Too hot: everything waits.
        case critical
    }

    /// Where the app is in its life (rule W1).
    public enum AppState: Sendable, Hashable, CaseIterable {
        /// On the screen, in use.
        case active
        /// On the screen, or on a watch within two minutes of use.
        case frontmost
        /// Runs behind another app, or in a wake.
        case background
        /// In memory, without run time.
        case suspended
        /// Not in memory.
        case notRunning
    }

    /// The kind of network.
    public var network: Network
    /// The network costs money by volume.
    public var isExpensive: Bool
    /// The user asked for little traffic on this network: Low Data Mode.
    public var isConstrained: Bool
    /// The network answers everything with a page of its own until somebody signs in.
    public var isCaptive: Bool
    /// On a charger.
    public var isCharging: Bool
    /// What the battery holds, 0 to 100; nil without a battery, or where nobody says.
    public var batteryPercent: Int?
    /// Low Power Mode.
    public var isLowPowerModeEnabled: Bool
    /// How warm the device is.
    public var thermalState: ThermalState
    /// The system says that storage is short.
    public var isStorageLow: Bool
    /// Where the app is in its life.
    public var appState: AppState
    /// Files that are protected while the device is locked can be read and written.
    public var isProtectedDataAvailable: Bool

    /// Unmetered Wi-Fi, a charger, and the app on the screen: what is so unless somebody says otherwise.
    public init() {
        self.init(BackhaulGenerated.idealConditions())
    }
}

extension SystemConditions {
    package init(_ now: BackhaulGenerated.SystemConditions) {
        network = Network(now.network)
        isExpensive = now.expensive
        isConstrained = now.constrained
        isCaptive = now.captive
        isCharging = now.charging
        batteryPercent = now.batteryPercent.map(Int.init)
        isLowPowerModeEnabled = now.lowPower
        thermalState = ThermalState(now.thermal)
        isStorageLow = now.storageLow
        appState = AppState(now.appState)
        isProtectedDataAvailable = now.protectedDataAvailable
    }

    /// Data Saver and standby buckets are Android's.
    package var generated: BackhaulGenerated.SystemConditions {
        BackhaulGenerated.SystemConditions(
            network: network.generated,
            expensive: isExpensive,
            constrained: isConstrained,
            captive: isCaptive,
            charging: isCharging,
            batteryPercent: batteryPercent.map { UInt8(clamping: $0) },
            lowPower: isLowPowerModeEnabled,
            thermal: thermalState.generated,
            storageLow: isStorageLow,
            appState: appState.generated,
            dataSaver: false,
            standbyBucket: .active,
            protectedDataAvailable: isProtectedDataAvailable
        )
    }
}

extension SystemConditions.Network {
    init(_ network: BackhaulGenerated.Network) {
        switch network {
        case .none: self = .none
        case .wifi: self = .wifi
        case .cellular: self = .cellular
        case .wired: self = .wired
        }
    }

    package var generated: BackhaulGenerated.Network {
        switch self {
        case .none: .none
        case .wifi: .wifi
        case .cellular: .cellular
        case .wired: .wired
        }
    }
}

extension SystemConditions.ThermalState {
    init(_ state: BackhaulGenerated.ThermalState) {
        switch state {
        case .nominal: self = .nominal
        case .fair: self = .fair
        case .serious: self = .serious
        case .critical: self = .critical
        }
    }

    var generated: BackhaulGenerated.ThermalState {
        switch self {
        case .nominal: .nominal
        case .fair: .fair
        case .serious: .serious
        case .critical: .critical
        }
    }
}

extension SystemConditions.AppState {
    init(_ state: BackhaulGenerated.AppState) {
        switch state {
        case .active: self = .active
        case .frontmost: self = .frontmost
        case .background: self = .background
        case .suspended: self = .suspended
        case .notRunning: self = .notRunning
        }
    }

    var generated: BackhaulGenerated.AppState {
        switch self {
        case .active: .active
        case .frontmost: .frontmost
        case .background: .background
        case .suspended: .suspended
        case .notRunning: .notRunning
        }
    }
}
