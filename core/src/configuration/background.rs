//! What only background sessions have: wakes, delivery while nobody looks, the profile of a watch.

use std::sync::Arc;
use std::time::Duration;

use super::{Background, ForceQuitPolicy, SessionConfiguration};
use crate::driver::DeliveryPolicy;
use crate::engine::policy::{LargeTransfers, WatchBudget};
use crate::error::Result;
use crate::wake::WakeScheduler;

/// What a watch transfers at any time unless the app says otherwise: about what a Bluetooth link to
/// the phone moves within one wake.
const SMALL_TRANSFER_LIMIT_BYTES: u64 = 5 * 1024 * 1024;

impl SessionConfiguration {
    /// A background session with the limits of a watch (rule P8): transfers larger than 5 MiB wait
    /// for a charger and Wi-Fi, a wake lasts ten seconds, and no more than four wakes an hour are
    /// asked for, fifteen minutes apart.
    ///
    /// ```
    /// use backhaul::{LargeTransfers, SessionConfiguration, WatchBudget};
    ///
    /// let configuration = SessionConfiguration::watch("com.example.watch")?
    ///     .watch_budget(WatchBudget {
    ///         small_transfer_limit_bytes: 1_000_000,
    ///         large_transfers: LargeTransfers::Refuse,
    ///     });
    /// # Ok::<(), backhaul::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`background`](SessionConfiguration::background).
    pub fn watch(identifier: impl Into<String>) -> Result<SessionConfiguration<Background>> {
        let configuration = SessionConfiguration::background(identifier)?;
        Ok(configuration.watch_budget(WatchBudget {
            small_transfer_limit_bytes: SMALL_TRANSFER_LIMIT_BYTES,
            large_transfers: LargeTransfers::Hold,
        }))
    }
}

impl SessionConfiguration<Background> {
    /// The limits of a watch, other than those of [`watch`](SessionConfiguration::watch).
    #[must_use]
    pub fn watch_budget(mut self, budget: WatchBudget) -> Self {
        self.settings.watch = Some(budget);
        self
    }

    /// When the delegate is told while the app is not in front (rule W2). Default: coalesced.
    #[must_use]
    pub fn delivery_policy(mut self, policy: DeliveryPolicy) -> Self {
        self.settings.delivery = policy;
        self
    }

    /// Whether the app may be woken for this session, and told in the background. Default: true.
    /// False: no wake is asked for, and what happens waits in the journal until the app is in front.
    #[must_use]
    pub fn sends_launch_events(mut self, sends: bool) -> Self {
        self.settings.sends_launch_events = sends;
        self
    }

    /// Who asks the platform for the next wake (rule P6). All sessions of a container share one
    /// request, and the scheduler of the one that was made last. Default: nobody.
    #[must_use]
    pub fn wake_scheduler(mut self, scheduler: Arc<dyn WakeScheduler>) -> Self {
        self.settings.wake_scheduler = Some(scheduler);
        self
    }

    /// What becomes of tasks when the user ends the app by force (rule W6). Default: they report it.
    #[must_use]
    pub fn force_quit_policy(mut self, policy: ForceQuitPolicy) -> Self {
        self.settings.force_quit = policy;
        self
    }
}

impl super::Settings {
    /// How long a wake lasts whose ticket does not say.
    pub fn wake_limit(&self) -> Duration {
        match self.watch {
            Some(_) => WATCH_WAKE_LIMIT,
            None => WAKE_LIMIT,
        }
    }
}

/// A wake of a phone: a little less than the 30 seconds that platforms give (rule W3).
const WAKE_LIMIT: Duration = Duration::from_secs(25);

/// A wake of a watch.
const WATCH_WAKE_LIMIT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_has_shorter_wakes_and_a_budget() {
        // rule P8, rule W3
        let watch = SessionConfiguration::watch("x").unwrap().settings;
        assert_eq!(watch.wake_limit(), Duration::from_secs(10));
        let budget = watch.watch.unwrap();
        assert_eq!(budget.large_transfers, LargeTransfers::Hold);
        let phone = SessionConfiguration::background("x").unwrap().settings;
        assert_eq!(phone.wake_limit(), Duration::from_secs(25));
        assert!(phone.watch.is_none() && phone.sends_launch_events);
    }
}
