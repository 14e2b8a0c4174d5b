//! Whose rules a simulated device obeys.

use crate::mirror::mirror;

mirror! {
    /// Whose rules a simulated device obeys.
    SimulatedProfile of backhaul::sim::Profile {
        /// An iPhone: a background transfer service, `BGTaskScheduler`.
        Ios,
        /// An Apple watch: the same service, at most 4 wakes an hour, 15 minutes apart.
        Watch,
        /// Android: transfers in the app's process, `JobScheduler`.
        Android,
    }
}
