//! The numbers of each platform. Documented ones, or observed where nothing is documented.

use std::ops::RangeInclusive;

/// From a session's last event until the system calls the app.
pub(super) const EVENTS_DELAY_MS: RangeInclusive<i64> = 500..=30_000;
/// From the completion of the last ticket until the run ends.
pub(super) const AFTER_RUN_MS: RangeInclusive<i64> = 100..=5_000;
/// A suspension in so many is a death.
pub(super) const KILLED_ONE_IN: u32 = 4;
/// From `onStopJob` until it is too late.
pub(super) const GRACE_MS: i64 = 5_000;
/// By so much earlier the glue of an Android job gives its ticket back.
pub(super) const JOB_MARGIN: std::time::Duration = std::time::Duration::from_secs(10);
/// An Android job may run so long.
pub(super) const JOB_LIMIT_MS: i64 = 10 * 60_000;
/// How long a watch counts an app as frontmost after use.
pub(super) const FRONTMOST_MS: i64 = 2 * 60_000;
/// A watch's wakes are so far apart.
pub(super) const WATCH_APART_MS: i64 = 15 * 60_000;
/// And there are so many in an hour.
pub(super) const WATCH_WAKES_PER_HOUR: usize = 4;
pub(super) const HOUR_MS: i64 = 3_600_000;

/// Whose rules a simulated device obeys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// An iPhone: a background transfer service, `BGTaskScheduler`.
    #[default]
    Ios,
    /// An Apple watch: the same service, at most 4 wakes an hour, 15 minutes apart.
    Watch,
    /// Android: transfers in the app's process, `JobScheduler`.
    Android,
}

impl Profile {
    /// Whether transfers are carried by a service of the system's.
    #[must_use]
    pub fn has_transfer_service(self) -> bool {
        self != Profile::Android
    }

    /// How long a wake may take.
    pub(super) fn limit_ms(self, is_for_events: bool) -> RangeInclusive<i64> {
        match self {
            Profile::Ios if is_for_events => 30_000..=60_000,
            Profile::Ios => 30_000..=30_000,
            Profile::Watch => 15_000..=15_000,
            Profile::Android => JOB_LIMIT_MS..=JOB_LIMIT_MS,
        }
    }

    /// How much later than asked for a wake comes, without a reason given.
    pub(super) fn discretion_ms(self) -> RangeInclusive<i64> {
        match self {
            Profile::Ios => 60_000..=3_600_000,
            Profile::Watch => 0..=900_000,
            Profile::Android => 0..=60_000,
        }
    }

    /// How long an app runs on after it left the screen.
    pub(super) fn lingers_ms(self) -> RangeInclusive<i64> {
        match self {
            Profile::Ios | Profile::Watch => 5_000..=30_000,
            Profile::Android => 60_000..=600_000,
        }
    }
}
