//! The state of the system as the platform pushes it (section P of the contract).

use serde::{Deserialize, Serialize};

/// What the device is connected through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// Nothing.
    None,
    /// Wi-Fi.
    #[default]
    Wifi,
    /// A mobile network.
    Cellular,
    /// A cable.
    Wired,
}

/// Everything about the system that decides whether a transfer may run. Pushed with
/// [`Session::set_conditions`](crate::Session::set_conditions); never polled.
///
/// The default is a device on unmetered Wi-Fi, on a charger.
///
/// ```
/// use backhaul::{Network, SystemConditions};
/// let train = SystemConditions { network: Network::Cellular, expensive: true, ..Default::default() };
/// assert!(train.expensive);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemConditions {
    /// The kind of network.
    pub network: Network,
    /// The network costs money by volume: mobile data, a personal hotspot.
    pub expensive: bool,
    /// The user asked for little traffic: Low Data Mode, Data Saver.
    pub constrained: bool,
    /// On a charger.
    pub charging: bool,
    /// Low Power Mode, battery saver.
    pub low_power: bool,
}

impl Default for SystemConditions {
    fn default() -> SystemConditions {
        SystemConditions {
            network: Network::Wifi,
            expensive: false,
            constrained: false,
            charging: true,
            low_power: false,
        }
    }
}
