//! A session's policy and what of the session it judges tasks by.

use std::sync::Arc;
use std::time::Duration;

use super::{DeferralPolicy, LargeTransfers, Needs, TaskFacts};
use crate::clock::Moment;
use crate::conditions::SystemConditions;
use crate::configuration::Settings;
use crate::error::{Error, ErrorKind};
use crate::request::{DEFAULT_PRIORITY, RequestOptions};
use crate::store::{Deadline, Record};

/// A policy is not asked about the same task again before this.
const RELAX_FLOOR_MS: i64 = 60_000;

/// One session's policy, ready to be asked.
#[derive(Clone)]
pub(crate) struct Rules {
    policy: Arc<dyn DeferralPolicy>,
    /// What all tasks of the session have in common.
    session: TaskFacts,
}

/// What the policy decided about one task, as the store keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub needs: i64,
    /// When to ask again, in uptime of this boot.
    pub relax_ms: Option<i64>,
}

impl Rules {
    pub fn of(settings: &Settings) -> Rules {
        Rules {
            policy: Arc::clone(&settings.deferral_policy),
            session: TaskFacts {
                in_background_session: settings.identifier.is_some(),
                waits_for_connectivity: settings.waits_for_connectivity,
                is_discretionary: settings.is_discretionary,
                allows_cellular: settings.allows_cellular,
                allows_expensive: settings.allows_expensive,
                allows_constrained: settings.allows_constrained,
                file_protection: settings.file_protection,
                watch: settings.watch,
                ..TaskFacts::default()
            },
        }
    }

    /// Whether its tasks outlive the process.
    pub fn in_background_session(&self) -> bool {
        self.session.in_background_session
    }

    /// What these conditions do not meet.
    pub fn unmet(&self, conditions: &SystemConditions) -> Needs {
        // Those two are the engine's.
        let unmet = self.policy.unmet(conditions);
        unmet.without(Needs::AWAKE | Needs::RATE)
    }

    /// What a task needs now.
    pub fn decide(
        &self,
        now: Moment,
        options: &RequestOptions,
        record: &Record,
        deadline: Option<Deadline>,
    ) -> Decision {
        let facts = self.facts(now, options, record, deadline);
        let asked = self.policy.requirements(&facts);
        let relax_ms = asked.relaxes_in.map(|delay| {
            let delay_ms = crate::clock::duration_ms(delay).max(RELAX_FLOOR_MS);
            now.uptime_ms.saturating_add(delay_ms)
        });
        Decision {
            needs: asked.needs.bits(),
            // At the deadline there is nothing left to ask about.
            relax_ms: relax_ms.filter(|at| deadline.is_some_and(|end| *at < end.due_ms)),
        }
    }

    /// The error for a transfer that a watch is not to make (rule P8).
    pub fn refusal(&self, options: &RequestOptions, record: &Record) -> Option<Error> {
        let watch = self.session.watch?;
        let bytes = expected_bytes(options, record)?;
        let limit = watch.small_transfer_limit_bytes;
        let is_refused = watch.large_transfers == LargeTransfers::Refuse && bytes > limit;
        is_refused.then(|| {
            Error::new(
                ErrorKind::TooLargeForWatch,
                format!("{bytes} bytes are more than the {limit} that this watch's session takes; let the phone transfer it, or hold large transfers"),
            )
        })
    }

    fn facts(
        &self,
        now: Moment,
        options: &RequestOptions,
        record: &Record,
        deadline: Option<Deadline>,
    ) -> TaskFacts {
        let session = &self.session;
        let allowed = |request: Option<bool>, session: bool| request.unwrap_or(true) && session;
        let time = deadline.map(|deadline| {
            let left_ms = deadline.remaining_ms(now);
            (
                millis(deadline.delay_ms - left_ms),
                millis(deadline.delay_ms),
            )
        });
        TaskFacts {
            is_discretionary: options.is_discretionary(session.is_discretionary)
                || record.started_in_background,
            started_in_background: record.started_in_background,
            was_attempted: record.attempt_count > 0,
            allows_cellular: allowed(options.allows_cellular, session.allows_cellular),
            allows_expensive: allowed(options.allows_expensive, session.allows_expensive),
            allows_constrained: allowed(options.allows_constrained, session.allows_constrained),
            expected_bytes: expected_bytes(options, record),
            received_bytes: record.received,
            elapsed: time.map_or(Duration::ZERO, |(elapsed, _)| elapsed),
            time_limit: time.map(|(_, limit)| limit),
            priority: options.priority.unwrap_or(DEFAULT_PRIORITY),
            group: options.group.clone(),
            ..session.clone()
        }
    }
}

fn expected_bytes(options: &RequestOptions, record: &Record) -> Option<u64> {
    let said = record.total.or(options.expected_size);
    said.or(options.expects_to_receive)
}

fn millis(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}
