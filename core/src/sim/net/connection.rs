//! A question under way, and its answer as it comes in over virtual time.
//!
//! Must never call a client while the network is locked: it asks the next question from there.

use std::sync::Arc;

use super::answer::{Answer, BodyEnd, Request};
use super::fault::Fault;
use super::{Captive, Net, State};
use crate::conditions::Network;
use crate::response::Response;
use crate::sim::content::Content;
use crate::sim::life::Life;

/// A body comes in about so many pieces, if they are neither closer nor farther apart than the two
/// limits below: a day of transfers is to cost few events.
const PIECES: u64 = 32;
const PIECE_MIN_MS: u64 = 100;
const PIECE_MAX_MS: u64 = 10_000;

/// Why a question has no answer, or only a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No connection came about.
    CannotConnect,
    /// It broke.
    Broken,
    /// Nothing came for longer than the client waits.
    Silence,
}

/// A client. Called from the world's events; `end` is the last call, unless the client closes first.
pub(crate) trait Receiver: Send + Sync {
    fn head(&self, connection: u64, head: Response);
    fn piece(&self, connection: u64, piece: Content);
    fn end(&self, connection: u64, result: Result<(), Failure>);
}

/// One question.
pub(super) struct Connection {
    request: Request,
    to: Arc<dyn Receiver>,
    /// The process that asks; none for what goes on without one.
    owner: Option<Life>,
    body: Content,
    end: BodyEnd,
    sent: u64,
}

impl Connection {
    fn is_wanted(&self) -> bool {
        self.owner.as_ref().is_none_or(Life::is_alive)
    }

    pub fn is_of(&self, life: &Life) -> bool {
        self.owner.as_ref().is_some_and(|owner| owner.is(life))
    }

    fn left(&self) -> u64 {
        self.end.bytes(self.body.len()) - self.sent
    }
}

/// What a server, or nobody, says.
enum Reply {
    Head(Response),
    Failed(Failure),
}

impl Net {
    /// Asks. The answer comes to `to` through events of the world, unless `owner` dies. The number
    /// names the connection.
    pub(crate) fn fetch(
        &self,
        request: Request,
        to: Arc<dyn Receiver>,
        owner: Option<&Life>,
    ) -> u64 {
        let (id, delay_ms, failure) = {
            let state = &mut *self.lock();
            state.connections.retain(|_, other| other.is_wanted());
            let id = state.next_connection;
            state.next_connection += 1;
            let latency_ms = state.latency_ms;
            let delay_ms = latency_ms + state.rng.i64(0..=latency_ms / 2);
            let late = delay_ms > request.patience_ms;
            let waits_ms = delay_ms.min(request.patience_ms);
            state.connections.insert(
                id,
                Connection {
                    request,
                    to,
                    owner: owner.cloned(),
                    body: Content::default(),
                    end: BodyEnd::Whole,
                    sent: 0,
                },
            );
            (id, waits_ms, late.then_some(Failure::Silence))
        };
        match failure {
            Some(failure) => self.fail_after(id, delay_ms, failure),
            None => self.after(id, delay_ms, move |net| net.answer(id)),
        }
        id
    }

    /// The client wants nothing more of it.
    pub(crate) fn close(&self, connection: u64) {
        self.lock().connections.remove(&connection);
    }

    /// Connections under way.
    #[cfg(test)]
    pub(crate) fn connections(&self) -> usize {
        let state = self.lock();
        state.connections.values().filter(|c| c.is_wanted()).count()
    }

    fn after(&self, id: u64, delay_ms: i64, work: impl FnOnce(Net) + Send + 'static) {
        let owner = match self.lock().connections.get(&id) {
            Some(connection) => connection.owner.clone(),
            None => return,
        };
        let net = self.clone();
        self.world
            .after(delay_ms, owner.as_ref(), Box::new(move || work(net)));
    }

    fn fail_after(&self, id: u64, delay_ms: i64, failure: Failure) {
        self.after(id, delay_ms, move |net| net.end(id, Err(failure)));
    }

    fn end(&self, id: u64, result: Result<(), Failure>) {
        let connection = self.lock().connections.remove(&id);
        if let Some(connection) = connection {
            connection.to.end(id, result);
        }
    }

    pub(super) fn break_those(&self, which: impl Fn(&Connection) -> bool) {
        let broken: Vec<u64> = {
            let state = self.lock();
            let those = state
                .connections
                .iter()
                .filter(|(_, connection)| which(connection));
            those.map(|(id, _)| *id).collect()
        };
        for id in broken {
            self.fail_after(id, 0, Failure::Broken);
        }
    }

    /// The request reaches the server, or what stands in its place.
    fn answer(&self, id: u64) {
        let now_ms = self.world.true_wall_ms();
        let (to, reply) = {
            let state = &mut *self.lock();
            let Some(mut connection) = state.connections.remove(&id) else {
                return;
            };
            let to = Arc::clone(&connection.to);
            let reply = state.reply(&mut connection, now_ms);
            if let Reply::Head(_) = reply {
                state.connections.insert(id, connection);
            }
            (to, reply)
        };
        match reply {
            Reply::Failed(failure) => to.end(id, Err(failure)),
            Reply::Head(head) => {
                to.head(id, head);
                self.go_on(id);
            }
        }
    }

    /// Lets the next piece come, or the end.
    fn go_on(&self, id: u64) {
        let (bytes, delay_ms) = {
            let state = self.lock();
            let Some(connection) = state.connections.get(&id) else {
                return;
            };
            let bytes = state.next_piece(connection);
            let rate = state.rate();
            let delay_ms = bytes.saturating_mul(1000).div_ceil(rate);
            (bytes, i64::try_from(delay_ms).unwrap_or(i64::MAX))
        };
        if bytes == 0 {
            self.finish(id);
        } else {
            self.after(id, delay_ms, move |net| net.deliver(id, bytes));
        }
    }

    fn deliver(&self, id: u64, bytes: u64) {
        let (to, piece) = {
            let state = &mut *self.lock();
            let Some(connection) = state.connections.get_mut(&id) else {
                return;
            };
            let piece = connection.body.part(connection.sent, bytes);
            connection.sent += bytes;
            (Arc::clone(&connection.to), piece)
        };
        to.piece(id, piece);
        self.go_on(id);
    }

    /// Everything that comes has come.
    fn finish(&self, id: u64) {
        let (end, patience_ms) = {
            let state = self.lock();
            let Some(connection) = state.connections.get(&id) else {
                return;
            };
            (connection.end, connection.request.patience_ms)
        };
        match end {
            BodyEnd::Whole | BodyEnd::Cut(_) => self.after(id, 0, move |net| net.end(id, Ok(()))),
            BodyEnd::Breaks(_) => self.fail_after(id, 0, Failure::Broken),
            BodyEnd::Stalls(_) => self.fail_after(id, patience_ms, Failure::Silence),
        }
    }
}

impl State {
    /// What each connection gets now.
    fn rate(&self) -> u64 {
        let sharing = self.connections.values().filter(|c| c.is_wanted()).count();
        (self.bytes_per_second / sharing.max(1) as u64).max(1)
    }

    fn next_piece(&self, connection: &Connection) -> u64 {
        let rate = self.rate();
        let least = (rate * PIECE_MIN_MS / 1000).max(1);
        let most = rate.saturating_mul(PIECE_MAX_MS / 1000);
        let piece = (connection.body.len() / PIECES).clamp(least, most.max(least));
        piece.min(connection.left())
    }

    fn reply(&mut self, connection: &mut Connection, now_ms: i64) -> Reply {
        if self.link == Network::None || self.is_out {
            return Reply::Failed(Failure::CannotConnect);
        }
        let url = connection.request.url.clone();
        let mut answer = match (self.captive, url.scheme()) {
            (Captive::No, _) => match self.next_fault(&url) {
                Some(Fault::Refused) => return Reply::Failed(Failure::CannotConnect),
                fault => self.serve_answer(&connection.request, fault, now_ms),
            },
            (Captive::Plain, "https") => return Reply::Failed(Failure::CannotConnect),
            (Captive::Plain | Captive::Everything, _) => Answer::page(200, now_ms),
        };
        if answer.end == BodyEnd::Whole && self.rng.f64() < self.loss {
            answer.end = BodyEnd::Breaks(self.rng.u64(0..=answer.body.len()));
        }
        connection.body = answer.body;
        connection.end = answer.end;
        let version = match url.scheme() {
            "https" => "HTTP/2.0",
            _ => "HTTP/1.1",
        };
        Reply::Head(Response::new(url, answer.status, version, answer.headers))
    }

    fn serve_answer(&mut self, request: &Request, fault: Option<Fault>, now_ms: i64) -> Answer {
        let mut object = self.objects.get_mut(request.url.as_str());
        if let Some(object) = &mut object {
            object.answers += 1;
            if object.changes_always && object.answers > 1 {
                object.renew(now_ms);
            }
        }
        Answer::of(object.as_deref(), request, fault, now_ms)
    }

    /// The fault of an answer, which is used up by it.
    pub(super) fn next_fault(&mut self, url: &url::Url) -> Option<Fault> {
        let at = self.faults.iter().position(|faulty| faulty.concerns(url))?;
        let faulty = &mut self.faults[at];
        let fault = faulty.fault;
        match &mut faulty.left {
            Some(0 | 1) => {
                self.faults.remove(at);
            }
            Some(left) => *left -= 1,
            None => {}
        }
        Some(fault)
    }
}
