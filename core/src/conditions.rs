//! The state of the system as the platform pushes it (section P of the contract).

use serde::{Deserialize, Serialize};

macro_rules! named {
    ($($(#[$doc:meta])+ $name:ident { $($(#[$variant_doc:meta])+ $variant:ident = $text:literal,)+ })+) => {
        $(
            $(#[$doc])+
            #[serde(rename_all = "snake_case")]
            pub enum $name { $($(#[$variant_doc])+ $variant,)+ }

            impl $name {
                /// Every value, in order.
                pub const ALL: &'static [$name] = &[$($name::$variant,)+];

                /// The stable name.
                #[must_use]
                pub fn as_str(self) -> &'static str {
                    match self { $($name::$variant => $text,)+ }
                }
            }

            impl std::fmt::Display for $name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str(self.as_str())
                }
            }
        )+
    };
}

named! {
    /// What the device is connected through.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
    Network {
        /// Nothing.
        None = "none",
        /// Wi-Fi.
        #[default]
        Wifi = "wifi",
        /// A mobile network.
        Cellular = "cellular",
        /// A cable.
        Wired = "wired",
    }

    /// How warm the device is, in the steps of Apple's `ProcessInfo.ThermalState`. Android's
    /// `THERMAL_STATUS_LIGHT` is fair, `MODERATE` and `SEVERE` are serious, what lies above is critical.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    ThermalState {
        /// As it should be.
        #[default]
        Nominal = "nominal",
        /// Slightly warm; nothing waits.
        Fair = "fair",
        /// Warm enough that the system slows down: discretionary work waits.
        Serious = "serious",
        /// Too hot: everything waits.
        Critical = "critical",
    }

    /// Where the app is in its life (rule W1).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
    AppState {
        /// On the screen, in use.
        #[default]
        Active = "active",
        /// On the screen, or on a watch within two minutes of use.
        Frontmost = "frontmost",
        /// Runs behind another app, or in a wake.
        Background = "background",
        /// In memory, without run time.
        Suspended = "suspended",
        /// Not in memory. No process can say this of itself; simulations and hosts do.
        NotRunning = "not_running",
    }

    /// How much the system lets a rarely used app do: Android's app standby buckets.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    StandbyBucket {
        /// Used just now, or a platform that has no buckets.
        #[default]
        Active = "active",
        /// Used regularly.
        WorkingSet = "working_set",
        /// Used often, not daily.
        Frequent = "frequent",
        /// Seldom used: discretionary work waits for a charger.
        Rare = "rare",
        /// Restricted by the system or the user: the same.
        Restricted = "restricted",
    }
}

impl AppState {
    /// The user sees the app: ends are told at once, and nothing is created "in the background".
    #[must_use]
    pub fn is_in_front(self) -> bool {
        matches!(self, AppState::Active | AppState::Frontmost)
    }
}

/// Everything about the system that decides whether a transfer may run. Pushed with
/// [`Session::set_conditions`](crate::Session::set_conditions); never polled.
///
/// The default is a device on unmetered Wi-Fi, on a charger, with the app on the screen.
///
/// ```
/// use backhaul::{Network, SystemConditions};
/// let train = SystemConditions { network: Network::Cellular, expensive: true, ..Default::default() };
/// assert!(train.expensive);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SystemConditions {
    /// The kind of network.
    pub network: Network,
    /// The network costs money by volume: mobile data, a personal hotspot.
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
    /// The system says that storage is short (Android's `ACTION_DEVICE_STORAGE_LOW`).
    pub storage_low: bool,
    /// Where the app is in its life.
    pub app_state: AppState,
    /// Android's Data Saver: no metered network for apps in the background.
    pub data_saver: bool,
    /// Android's standby bucket.
    pub standby_bucket: StandbyBucket,
    /// Files that are protected while the device is locked can be read and written.
    pub protected_data_available: bool,
}

impl Default for SystemConditions {
    fn default() -> SystemConditions {
        SystemConditions {
            network: Network::Wifi,
            expensive: false,
            constrained: false,
            captive: false,
            charging: true,
            battery_percent: None,
            low_power: false,
            thermal: ThermalState::Nominal,
            storage_low: false,
            app_state: AppState::Active,
            data_saver: false,
            standby_bucket: StandbyBucket::Active,
            protected_data_available: true,
        }
    }
}
