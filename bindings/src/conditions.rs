//! The state of the system as the platform pushes it (section P of the contract).

use crate::mirror::mirror;

mirror! {
    /// What the device is connected through.
    Network of backhaul::Network {
        /// Nothing.
        None,
        /// Wi-Fi.
        Wifi,
        /// A mobile network.
        Cellular,
        /// A cable.
        Wired,
    }
}

mirror! {
    /// How warm the device is.
    ThermalState of backhaul::ThermalState {
        /// As it should be.
        Nominal,
        /// Slightly warm; nothing waits.
        Fair,
        /// Warm enough that the system slows down: discretionary work waits.
        Serious,
        /// Too hot: everything waits.
        Critical,
    }
}

mirror! {
    /// Where the app is in its life (rule W1).
    AppState of backhaul::AppState {
        /// On the screen, in use.
        Active,
        /// On the screen, or on a watch within two minutes of use.
        Frontmost,
        /// Runs behind another app, or in a wake.
        Background,
        /// In memory, without run time.
        Suspended,
        /// Not in memory.
        NotRunning,
    }
}

mirror! {
    /// Android's app standby buckets.
    StandbyBucket of backhaul::StandbyBucket {
        /// Used just now, or a platform that has no buckets.
        Active,
        /// Used regularly.
        WorkingSet,
        /// Used often, not daily.
        Frequent,
        /// Seldom used.
        Rare,
        /// Restricted by the system or the user.
        Restricted,
    }
}

/// Everything about the system that decides whether a transfer may run. Pushed, never polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SystemConditions {
    /// The kind of network.
    pub network: Network,
    /// The network costs money by volume.
    pub expensive: bool,
    /// The user asked for little traffic on this network: Low Data Mode.
    pub constrained: bool,
    /// The network answers everything with a page of its own until somebody signs in.
    pub captive: bool,
    /// On a charger.
    pub charging: bool,
    /// What the battery holds, in percent; none without a battery, or where nobody says.
    pub battery_percent: Option<u8>,
    /// Low Power Mode, battery saver.
    pub low_power: bool,
    /// How warm the device is.
    pub thermal: ThermalState,
    /// The system says that storage is short.
    pub storage_low: bool,
    /// Where the app is in its life.
    pub app_state: AppState,
    /// Android's Data Saver.
    pub data_saver: bool,
    /// Android's standby bucket.
    pub standby_bucket: StandbyBucket,
    /// Files that are protected while the device is locked can be read and written.
    pub protected_data_available: bool,
}

impl From<SystemConditions> for backhaul::SystemConditions {
    fn from(now: SystemConditions) -> backhaul::SystemConditions {
        backhaul::SystemConditions {
            network: now.network.into(),
            expensive: now.expensive,
            constrained: now.constrained,
            captive: now.captive,
            charging: now.charging,
            battery_percent: now.battery_percent,
            low_power: now.low_power,
            thermal: now.thermal.into(),
            storage_low: now.storage_low,
            app_state: now.app_state.into(),
            data_saver: now.data_saver,
            standby_bucket: now.standby_bucket.into(),
            protected_data_available: now.protected_data_available,
        }
    }
}

impl From<backhaul::SystemConditions> for SystemConditions {
    fn from(now: backhaul::SystemConditions) -> SystemConditions {
        SystemConditions {
            network: now.network.into(),
            expensive: now.expensive,
            constrained: now.constrained,
            captive: now.captive,
            charging: now.charging,
            battery_percent: now.battery_percent,
            low_power: now.low_power,
            thermal: now.thermal.into(),
            storage_low: now.storage_low,
            app_state: now.app_state.into(),
            data_saver: now.data_saver,
            standby_bucket: now.standby_bucket.into(),
            protected_data_available: now.protected_data_available,
        }
    }
}

/// Unmetered Wi-Fi, a charger, and the app on the screen: what is so unless somebody says otherwise.
#[uniffi::export]
#[must_use]
pub fn ideal_conditions() -> SystemConditions {
    backhaul::SystemConditions::default().into()
}
