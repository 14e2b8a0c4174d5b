//! Who is told what the service knows, and when it asks for the app to be woken.

use super::item::Stage;
use super::{Key, TransferService};
use crate::transport::TransferEvent;

impl TransferService {
    /// Tells the attached process, if it can hear; lost otherwise.
    pub(super) fn tell(&self, key: &Key, event: TransferEvent) {
        let listener = self.lock().listener(&key.session);
        if let Some(events) = listener {
            events.event(key.id, event);
        }
    }

    /// Hands over the last events of what has ended, or asks for a wake where nobody listens.
    pub(super) fn deliver(&self, session: &str) {
        let Some(events) = self.lock().listener(session) else {
            return self.ask_for_wake(session);
        };
        let ended = {
            let mut state = self.lock();
            let Some(session) = state.sessions.get_mut(session) else {
                return;
            };
            session.needs_answer = false;
            let items = std::mem::take(&mut session.items);
            let (ended, rest): (Vec<_>, Vec<_>) =
                items.into_iter().partition(|(_, item)| item.is_ended());
            session.items = rest.into_iter().collect();
            ended
        };
        self.0.platform.withdraw(session);
        for (id, item) in ended {
            if let Stage::Ended(event) = item.stage {
                events.event(id, event);
            }
        }
    }

    /// A wake is asked for when all transfers of a session have ended, or one needs an answer.
    fn ask_for_wake(&self, identifier: &str) {
        let is_wanted = {
            let mut state = self.lock();
            let Some(session) = state.sessions.get_mut(identifier) else {
                return;
            };
            let mut items = session.items.values();
            let some_ended = items.any(super::Item::is_ended);
            let all_ended = session.items.values().all(super::Item::is_ended);
            let is_wanted = session.sends_launch_events
                && session.asks_left > 0
                && some_ended
                && (all_ended || session.needs_answer);
            if is_wanted {
                session.asks_left -= 1;
                session.needs_answer = false;
            }
            is_wanted
        };
        if is_wanted {
            self.0.platform.ask_for(identifier);
        }
    }
}
