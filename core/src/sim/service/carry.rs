//! How the service carries a transfer: when it asks, what it makes of the answer, and how it ends.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::exchange::Exchange;
use super::item::{Received, Stage, Verdict};
use super::{Key, TransferService, failed};
use crate::clock::duration_ms;
use crate::error::ErrorKind;
use crate::protocol::Headers;
use crate::response::Response;
use crate::sim::content::Content;
use crate::sim::net::Request;
use crate::sim::trace::What;
use crate::task_state::TaskMetrics;
use crate::transport::{FinishedTransfer, TransferEvent};

/// From being allowed until the request leaves.
const START_MS: std::ops::RangeInclusive<i64> = 5..=500;
/// The same for work whose time the platform chooses.
const CONVENIENCE_MS: std::ops::RangeInclusive<i64> = 1_000..=900_000;
/// The pause after the first exchange in a row that brought nothing; it doubles.
const RETRY_MS: i64 = 1_000;
/// It grows no further.
const RETRY_LIMIT_MS: i64 = 600_000;
/// One broken exchange in so many is reported instead of tried again.
const REPORTED_ONE_IN: u32 = 8;
/// One body in so many that ends early in good order is taken for whole.
const TAKEN_SHORT_ONE_IN: u32 = 4;
/// Statuses that ask for an answer which only the app can give (rule H4).
const NEEDS_ANSWER: [u16; 2] = [401, 407];

impl TransferService {
    pub(super) fn consider_all(&self) {
        let waiting = self
            .lock()
            .keys(|item| matches!(item.stage, Stage::Waiting));
        for key in waiting {
            self.consider(&key, 0);
        }
    }

    /// Lets a waiting transfer begin, if it may. If conditions forbid it, their change brings it
    /// back here; no timer runs.
    pub(super) fn consider(&self, key: &Key, pause_ms: i64) {
        let now_ms = self.now_ms();
        let (delay_ms, epoch) = {
            let mut state = self.lock();
            let conditions = state.conditions;
            let Some(item) = state.item(key) else { return };
            if !matches!(item.stage, Stage::Waiting) || !item.may_run(&conditions) {
                return;
            }
            let limited_ms = (item.not_before_ms - now_ms).max(0);
            let range = if item.is_discretionary {
                CONVENIENCE_MS
            } else {
                START_MS
            };
            let epoch = item.next_stage(Stage::Starting);
            let chosen_ms = state.rng.i64(range);
            (limited_ms.max(pause_ms) + chosen_ms, epoch)
        };
        let key = key.clone();
        self.later(delay_ms, move |service| service.ask(&key, epoch));
    }

    fn ask(&self, key: &Key, epoch: u64) {
        let request = {
            let mut state = self.lock();
            let Some(item) = state.item(key).filter(|item| item.epoch == epoch) else {
                return;
            };
            // Without a validator nothing is kept: it is asked for from the beginning.
            item.kept = std::mem::take(&mut item.kept)
                .if_resumable()
                .unwrap_or_default();
            let mut headers = item.transfer.headers.clone();
            if let Some(validator) = item.kept.if_range() {
                set(
                    &mut headers,
                    "range",
                    &format!("bytes={}-", item.kept.len()),
                );
                set(&mut headers, "if-range", &validator);
            }
            Request {
                url: item.transfer.url.clone(),
                headers,
                patience_ms: duration_ms(item.transfer.timeout_for_request),
            }
        };
        let exchange = Arc::new(Exchange::new(self, key));
        let connection = self.0.net.fetch(request, exchange, None);
        if let Some(item) = self.lock().item(key) {
            item.next_stage(Stage::Asking { connection });
        }
    }

    pub(super) fn answered(&self, key: &Key, connection: u64, response: Response) {
        let responded = {
            let mut state = self.lock();
            let Some(item) = state.item(key) else { return };
            let verdict = item.judge(&response);
            if verdict == Verdict::StartAgain {
                item.next_stage(Stage::Waiting);
                drop(state);
                self.0.net.close(connection);
                return self.consider(key, 0);
            }
            let is_file = verdict == Verdict::File;
            let offset = item.kept.len();
            item.receive(connection, response.clone(), is_file);
            is_file.then(|| TransferEvent::Responded {
                response,
                offset,
                total: total(&item.stage),
            })
        };
        self.0.world.note(What::Started {
            session: key.session.clone(),
            task: key.id.task.as_i64(),
            attempt: key.id.attempt,
        });
        if let Some(event) = responded {
            self.tell(key, event);
        }
    }

    pub(super) fn piece_came(&self, key: &Key, piece: &Content) {
        let event = {
            let mut state = self.lock();
            let Some(item) = state.item(key) else { return };
            item.add(piece);
            item.breaks = 0;
            TransferEvent::Progressed {
                received: item.kept.len(),
                total: total(&item.stage),
                network_bytes: item.network_bytes,
            }
        };
        self.tell(key, event);
    }

    pub(super) fn body_over(&self, key: &Key) {
        let (received, takes_short) = {
            let mut state = self.lock();
            let takes_short = state.rng.u32(0..TAKEN_SHORT_ONE_IN) == 0;
            let Some(item) = state.item(key) else { return };
            (item.take_whole(), takes_short)
        };
        match received {
            Some(received) if takes_short || !received.is_short => self.leave(key, received),
            // A body that ends early is a broken connection like any other.
            _ => self.broken(key),
        }
    }

    /// The body is over: it becomes a file of the service's own, whatever the status was.
    fn leave(&self, key: &Key, received: Received) {
        let now_ms = self.now_ms();
        let (file, metrics) = {
            let mut state = self.lock();
            let number = state.files;
            state.files += 1;
            let file = PathBuf::from(format!("/system/transfers/{number}.tmp"));
            let Some(item) = state.item(key) else { return };
            let asked_for_ms = u64::try_from(now_ms - item.asked_at_ms).unwrap_or(0);
            let metrics = TaskMetrics {
                received: item.network_bytes,
                duration: Duration::from_millis(asked_for_ms),
                http_version: received.response.http_version().to_owned(),
                ..TaskMetrics::default()
            };
            (file, metrics)
        };
        let len = received.body.len();
        if let Err(error) = self.0.disk.put(&file, received.body) {
            let kind = match error.kind() {
                std::io::ErrorKind::StorageFull => ErrorKind::NoSpace,
                _ => ErrorKind::File,
            };
            let event = failed(kind, "the service cannot write the file");
            return self.end(key, "failed", event);
        }
        if !received.is_file && NEEDS_ANSWER.contains(&received.response.status()) {
            if let Some(session) = self.lock().sessions.get_mut(&key.session) {
                session.needs_answer = true;
            }
        }
        let finished = FinishedTransfer::at(file, len, received.response, metrics);
        let event = TransferEvent::Finished(Box::new(finished));
        self.end(key, "finished", event);
    }

    /// An exchange came to nothing. Mostly the service tries again by itself.
    pub(super) fn broken(&self, key: &Key) {
        let gives_up = self.lock().rng.u32(0..REPORTED_ONE_IN) == 0;
        let had_answer = self.cut(key);
        if had_answer && gives_up {
            let lost = failed(ErrorKind::ConnectionLost, "the connection broke");
            return self.end(key, "failed", lost);
        }
        let pause_ms = {
            let mut state = self.lock();
            let jitter_ms = state.rng.i64(0..=RETRY_MS);
            let Some(item) = state.item(key) else { return };
            let pause_ms = (RETRY_MS << item.breaks.min(16)).min(RETRY_LIMIT_MS) + jitter_ms;
            item.breaks += 1;
            pause_ms
        };
        self.consider(key, pause_ms);
    }

    /// The exchange of a transfer is over, or never began; what is here is kept. Whether there was
    /// an answer.
    pub(super) fn cut(&self, key: &Key) -> bool {
        let (connection, received) = {
            let mut state = self.lock();
            let Some(item) = state.item(key).filter(|item| !item.is_ended()) else {
                return false;
            };
            let connection = item.connection();
            let was_receiving = matches!(item.stage, Stage::Receiving(_));
            item.next_stage(Stage::Waiting);
            (connection, was_receiving.then_some(item.kept.len()))
        };
        if let Some(connection) = connection {
            self.0.net.close(connection);
        }
        if let Some(received) = received {
            self.note_stopped(key, "stopped", received);
        }
        received.is_some()
    }

    /// Keeps the last event, and tells whoever listens.
    fn end(&self, key: &Key, how: &'static str, mut event: TransferEvent) {
        let here = {
            let mut state = self.lock();
            let Some(session) = state.sessions.get_mut(&key.session) else {
                return;
            };
            session.asks_left = super::ASKS_LIMIT;
            let Some(item) = session.items.get_mut(&key.id) else {
                return;
            };
            let here = item.kept.len();
            if let TransferEvent::Failed { received, .. } = &mut event {
                *received = here;
            }
            let kept = std::mem::take(&mut item.kept);
            item.next_stage(Stage::Ended(event));
            session.resume.remove(&key.id.task);
            // Resume data comes with a failure.
            if let Some(kept) = kept.if_resumable().filter(|_| how == "failed") {
                session.keep(key.id.task, kept);
            }
            here
        };
        self.note_stopped(key, how, here);
        self.deliver(&key.session);
    }
}

fn total(stage: &Stage) -> Option<u64> {
    match stage {
        Stage::Receiving(incoming) => incoming.total,
        _ => None,
    }
}

/// Sets a field that is known to be well-formed.
fn set(headers: &mut Headers, name: &str, value: &str) {
    if let Err(error) = headers.insert(name, value) {
        log::error!("the simulated service cannot send {name}: {error}");
    }
}
