//! `BGTaskScheduler` and `JobScheduler` as one process sees them.

use super::{Asked, Platform};
use crate::clock::wall_ms;
use crate::sim::life::Life;
use crate::sim::trace::What;
use crate::wake::{WakeConstraints, WakeRequest, WakeScheduler};

/// Where a process asks for wakes. Inert once it is dead; what it asked for before stays.
///
/// A request that is made during an Android run waits for its end. The real `JobScheduler` stops a
/// running job whose id is scheduled again: the glue takes turns between two ids.
pub(super) struct WakeDesk {
    pub platform: Platform,
    pub life: Life,
}

impl WakeScheduler for WakeDesk {
    fn schedule(&self, request: WakeRequest) {
        if self.life.act() {
            self.platform.asked(&request);
        }
    }

    fn cancel(&self) {
        if self.life.act() {
            self.platform.lock().asked = None;
        }
    }
}

impl Platform {
    fn asked(&self, request: &WakeRequest) {
        let (now_ms, wall) = (self.now_ms(), self.0.world.now().wall_ms);
        // Both schedulers count on from the moment of the request: a clock that is set later moves
        // nothing.
        let true_ms = |time| now_ms.saturating_add(wall_ms(time).saturating_sub(wall).max(0));
        let at_ms = true_ms(request.at);
        self.0.world.note(What::WakeAsked {
            at_ms,
            constraints: in_words(request.constraints),
        });
        {
            let mut state = self.lock();
            let discretion_ms = state.rng.i64(self.0.profile.discretion_ms());
            state.asked = Some(Asked {
                due_ms: at_ms.saturating_add(discretion_ms),
                latest_ms: request.latest.map(true_ms),
                constraints: request.constraints,
            });
        }
        self.consider();
    }
}

fn in_words(constraints: WakeConstraints) -> String {
    let WakeConstraints {
        network,
        unmetered,
        not_cellular,
        charging,
    } = constraints;
    let words = [
        (network, "network"),
        (unmetered, "unmetered"),
        (not_cellular, "not cellular"),
        (charging, "charging"),
    ];
    let words: Vec<&str> = words
        .iter()
        .filter_map(|(holds, word)| holds.then_some(*word))
        .collect();
    words.join(", ")
}
