//! The next moment at which run time would be of use, for the one wake that the platform is asked for
//! (rule P6). Pure: it follows from what the last claim saw.

use crate::clock::Moment;
use crate::engine::Engine;
use crate::engine::effect::Effect;
use crate::engine::policy::Needs;
use crate::wake::WakeConstraints;

/// How long after its beginning a wake looks whether transfers under way still have a process.
const SAFETY_NET_MS: i64 = 15 * 60 * 1000;

/// The same where a platform's service moves the bytes, and wakes the app itself: only what a process
/// that died had just been told could be left lying.
const SAFETY_NET_OF_SERVICE_MS: i64 = 6 * 60 * 60 * 1000;

/// One wake that would be of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NextWake {
    /// Not before this.
    pub at: Moment,
    /// When to wake although the needs do not hold: something relaxes, is due or runs out of time.
    pub latest: Option<Moment>,
    /// And only once these hold: of [`Needs`], those that a platform can wait for.
    pub needs: i64,
}

/// Something that waits: from when on, and for what.
#[derive(Clone, Copy)]
struct Wait {
    at: Moment,
    needs: Needs,
}

impl NextWake {
    /// The needs in the words of the platform.
    pub fn constraints(&self) -> WakeConstraints {
        let needs = Needs::from_bits(self.needs);
        let any = |of: Needs| !(needs & of).is_empty();
        let unmetered = Needs::NOT_EXPENSIVE | Needs::EASE | Needs::EASE_HALF | Needs::SMALL;
        WakeConstraints {
            network: any(Needs::NETWORK),
            unmetered: any(unmetered | Needs::NO_DATA_SAVER),
            not_cellular: any(Needs::NOT_CELLULAR | Needs::SMALL),
            charging: any(Needs::EASE | Needs::SMALL | Needs::CHARGER_IF_RARE),
        }
    }

    /// The same request, as far as the platform can tell: moments that have come are all alike.
    fn is_same(&self, other: &NextWake, now: Moment) -> bool {
        let uptime = |moment: Moment| moment.uptime_ms.max(now.uptime_ms);
        let latest = |wake: &NextWake| wake.latest.map(uptime);
        uptime(self.at) == uptime(other.at)
            && latest(self) == latest(other)
            && self.needs == other.needs
    }
}

impl Engine {
    /// Says when the app would next be of use, when that has changed.
    pub(super) fn tell_wake(&mut self, now: Moment) {
        if self.stopping || self.claims.is_asking() || !self.config.rules.in_background_session() {
            return;
        }
        self.hold_safety_net(now);
        let next = self.or_safety_net(now, self.next_wake(now));
        let is_same = match (&self.told_wake, &next) {
            (Some(old), Some(new)) => old.is_same(new, now),
            (old, new) => old.is_none() && new.is_none(),
        };
        if !is_same {
            self.told_wake = next;
            self.effects.push_back(Effect::Wake(next));
        }
    }

    /// A process may die over its transfers, and nobody would know before the app is opened again: while
    /// some are under way a wake is asked for, far enough from now that it costs nothing, and not moved
    /// before it has come.
    fn hold_safety_net(&mut self, now: Moment) {
        let stands = self.safety_net.filter(|net| now.until_ms(*net) > 0);
        self.safety_net = match self.window.busy() {
            0 => None,
            _ if self.config.outlives_process => {
                stands.or(Some(now.plus_ms(SAFETY_NET_OF_SERVICE_MS)))
            }
            _ => stands.or(Some(now.plus_ms(SAFETY_NET_MS))),
        };
    }

    fn or_safety_net(&self, now: Moment, next: Option<NextWake>) -> Option<NextWake> {
        let Some(net) = self.safety_net else {
            return next;
        };
        let is_sooner = |next: &NextWake| now.until_ms(next.at) <= now.until_ms(net);
        match next {
            Some(next) if is_sooner(&next) => Some(next),
            next => {
                let wait = Wait {
                    at: net,
                    needs: Needs::NETWORK,
                };
                let latest = next.map(|next| next.latest.unwrap_or(next.at));
                Some(wake(now, wait, latest))
            }
        }
    }

    /// What the platform is to wait for. Every task needs that there is no Data Saver, and what it asks for
    /// then is an unmetered network: with none that holds anything back, mobile data will do.
    fn for_a_wake(&self, needs: Needs) -> Needs {
        needs
            .for_a_wake()
            .without(Needs::NO_DATA_SAVER.without(self.unmet))
    }

    fn next_wake(&self, now: Moment) -> Option<NextWake> {
        let check = self.claims.check();
        let held = self.claims.held().map(|(at, needs)| Wait {
            at,
            needs: self.for_a_wake(needs),
        });
        let (runnable, blocked) = self.waits(now);
        // Nothing but run time is missing.
        if let Some(wait) = common(&runnable) {
            return Some(wake(now, wait, earlier(now, check, None)));
        }
        let held_at = held.map(|wait| wait.at);
        match (common(&blocked), held) {
            (Some(all), _) => {
                // What all wait for may hold already; then it is the one that asks least.
                let is_missing = !(all.needs & self.unmet).is_empty();
                let least = blocked.iter().copied().min_by_key(|wait| wait.needs.len());
                let wait = if is_missing {
                    all
                } else {
                    least.unwrap_or(all)
                };
                Some(wake(now, wait, earlier(now, check, held_at)))
            }
            (None, Some(held)) => Some(wake(now, held, check)),
            (None, None) => {
                let needs = Needs::NONE;
                check.map(|at| wake(now, Wait { at, needs }, Some(at)))
            }
        }
    }

    /// What waits in the store for no time: for run time alone, and for the system's state. What only
    /// waits for something that no platform can wake for is left out: its next step comes by time.
    fn waits(&self, now: Moment) -> (Vec<Wait>, Vec<Wait>) {
        let opens = self.limiter.opens(now);
        let (mut runnable, mut blocked) = (Vec::new(), Vec::new());
        for needs in self.claims.blocked().iter().copied() {
            let is_limited = !(needs & self.unmet & Needs::RATE).is_empty();
            let at = opens.filter(|_| is_limited).unwrap_or(now);
            let missing = (needs & self.unmet).without(Needs::AWAKE | Needs::RATE);
            let wait = Wait {
                at,
                needs: self.for_a_wake(needs),
            };
            if missing.is_empty() {
                runnable.push(wait);
            } else if !missing.for_a_wake().is_empty() {
                blocked.push(wait);
            }
        }
        (runnable, blocked)
    }
}

/// What all of them wait for, from the first moment of any.
fn common(waits: &[Wait]) -> Option<Wait> {
    let first = waits
        .iter()
        .map(|wait| wait.at)
        .min_by_key(|at| at.uptime_ms)?;
    let needs = waits
        .iter()
        .fold(!Needs::NONE, |all, wait| all & wait.needs);
    Some(Wait { at: first, needs })
}

fn earlier(now: Moment, a: Option<Moment>, b: Option<Moment>) -> Option<Moment> {
    let both = a.into_iter().chain(b);
    both.min_by_key(|moment| now.until_ms(*moment))
}

fn wake(now: Moment, wait: Wait, latest: Option<Moment>) -> NextWake {
    let is_before = |latest: &Moment| now.until_ms(*latest) < now.until_ms(wait.at);
    NextWake {
        // Once something must be looked at, it is no use to wait longer.
        at: latest.filter(is_before).unwrap_or(wait.at),
        latest,
        needs: wait.needs.bits(),
    }
}
