//! `JobScheduler`: constraints that are watched while a job runs, and quotas by standby bucket.

use super::profile::{GRACE_MS, HOUR_MS, JOB_LIMIT_MS, Profile};
use super::{Platform, State, rules};
use crate::conditions::{Network, StandbyBucket, SystemConditions};
use crate::wake::WakeConstraints;

/// A run that would have less quota than this is not begun.
const WORTH_MS: i64 = 30_000;

/// How long jobs may run within which rolling time. On a charger there is no quota.
fn quota(bucket: StandbyBucket) -> (i64, i64) {
    match bucket {
        StandbyBucket::Active => (2 * JOB_LIMIT_MS, HOUR_MS),
        StandbyBucket::WorkingSet => (JOB_LIMIT_MS, 4 * HOUR_MS),
        StandbyBucket::Frequent => (JOB_LIMIT_MS, 12 * HOUR_MS),
        StandbyBucket::Rare | StandbyBucket::Restricted => (JOB_LIMIT_MS, 24 * HOUR_MS),
    }
}

/// Runs older than this count for no quota.
pub(super) const QUOTA_MEMORY_MS: i64 = 24 * HOUR_MS;

pub(super) fn hold(needs: WakeConstraints, now: &SystemConditions, network: bool) -> bool {
    (!needs.network || network)
        && (!needs.unmetered || (network && !now.expensive))
        && (!needs.not_cellular || (network && now.network != Network::Cellular))
        && (!needs.charging || now.charging)
}

/// What of the quota is left at a time.
fn left_ms(state: &State, bucket: StandbyBucket, at_ms: i64) -> i64 {
    let (allowed_ms, within_ms) = quota(bucket);
    let from_ms = at_ms - within_ms;
    let used_ms: i64 = state
        .runs
        .iter()
        .map(|(began, ended)| (ended - began.max(&from_ms)).max(0))
        .sum();
    // A restricted app has one run a day, however short.
    let has_run = bucket == StandbyBucket::Restricted && used_ms > 0;
    if has_run { 0 } else { allowed_ms - used_ms }
}

/// How long a run that begins now may take.
pub(super) fn run_ms(state: &State, now: &SystemConditions, now_ms: i64) -> i64 {
    if now.charging {
        return JOB_LIMIT_MS;
    }
    left_ms(state, now.standby_bucket, now_ms).clamp(0, JOB_LIMIT_MS)
}

/// The earliest time from now on at which the quota allows a run that is worth it.
pub(super) fn quota_ms(state: &State, now: &SystemConditions, now_ms: i64) -> i64 {
    let bucket = now.standby_bucket;
    let is_enough = |at_ms| left_ms(state, bucket, at_ms) >= WORTH_MS;
    if now.charging || is_enough(now_ms) {
        return now_ms;
    }
    let (_, within_ms) = quota(bucket);
    // It frees as runs leave the window; a part of a run is not waited for.
    state
        .runs
        .iter()
        .map(|(_, ended)| ended + within_ms)
        .filter(|at_ms| *at_ms > now_ms && is_enough(*at_ms))
        .min()
        .unwrap_or(now_ms + within_ms)
}

impl Platform {
    /// `onStopJob` for a job whose constraints no longer hold.
    pub(super) fn check_running_jobs(&self) {
        let Some(host) = self.host() else { return };
        let now = host.conditions();
        let lost: Vec<u64> = {
            let state = self.lock();
            let is_lost = |needs: &WakeConstraints| !rules::hold(Profile::Android, *needs, &now);
            let loans = state.loans.iter();
            loans
                .filter(|(_, loan)| loan.watched.as_ref().is_some_and(is_lost))
                .map(|(ticket, _)| *ticket)
                .collect()
        };
        for ticket in lost {
            self.stop_job(ticket);
        }
    }

    /// Tells a job to stop; a few seconds later it is too late.
    pub(super) fn stop_job(&self, ticket: u64) {
        let life = {
            let mut state = self.lock();
            let Some(loan) = state.loans.get_mut(&ticket) else {
                return;
            };
            if std::mem::replace(&mut loan.is_stopping, true) {
                return;
            }
            loan.life.clone()
        };
        self.later(GRACE_MS, Some(&life), move |platform| {
            platform.overrun(ticket, "in the seconds after its job was stopped");
        });
        if let Some(host) = self.host() {
            host.time_is_up();
        }
    }
}
