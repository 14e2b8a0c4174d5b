//! What the server's thread and the test share: objects, scripts, the log and counters.
//!
//! The lock is held for moments only, never while anything is awaited or written.

use crate::fault::Fault;
use crate::object::Object;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The requests that the log holds; older ones are dropped.
pub const MAX_LOGGED_REQUESTS: usize = 10_000;

/// A request that was answered, or was given its fault.
#[derive(Clone, Debug)]
pub struct LoggedRequest {
    /// `GET`, `HEAD` …
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The object's name, if the path is that of an object, existing or not.
    pub name: Option<String>,
    /// Every field; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The value of `Range`.
    pub range: Option<String>,
    /// The value of `If-Range`.
    pub if_range: Option<String>,
    /// The status that was decided on, even if a fault kept it from being sent.
    pub status: u16,
    /// `HTTP/1.0`, `HTTP/1.1` or `HTTP/2`.
    pub http_version: &'static str,
}

impl LoggedRequest {
    /// The value of the field of this name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What has happened so far; see [`FaultServer::wait_until`](crate::FaultServer::wait_until).
#[derive(Debug, Default)]
pub struct ServerState {
    pub(crate) objects: HashMap<String, Object>,
    scripts: HashMap<String, Script>,
    requests: VecDeque<LoggedRequest>,
    request_count: u64,
    bytes_sent: HashMap<String, u64>,
    connections_open: usize,
    connections_peak: usize,
    connections_made: u64,
}

#[derive(Debug, Default)]
struct Script {
    next: VecDeque<Fault>,
    always: Option<Fault>,
}

impl ServerState {
    /// The last requests, oldest first; at most [`MAX_LOGGED_REQUESTS`].
    pub fn requests(&self) -> impl DoubleEndedIterator<Item = &LoggedRequest> + '_ {
        self.requests.iter()
    }

    /// The last requests for the object of this name, oldest first.
    pub fn requests_for<'a>(
        &'a self,
        name: &'a str,
    ) -> impl DoubleEndedIterator<Item = &'a LoggedRequest> + 'a {
        self.requests()
            .filter(move |request| request.name.as_deref() == Some(name))
    }

    /// The number of requests since the start or the last clearing, without a limit.
    pub fn request_count(&self) -> u64 {
        self.request_count
    }

    /// Body bytes of the object of this name that were written, over all its answers. Bodies that are
    /// not the object's (errors, portals) do not count.
    pub fn bytes_sent(&self, name: &str) -> u64 {
        self.bytes_sent.get(name).copied().unwrap_or(0)
    }

    /// Connections that are open now.
    pub fn connections_open(&self) -> usize {
        self.connections_open
    }

    /// The most connections that were open at once.
    pub fn connections_peak(&self) -> usize {
        self.connections_peak
    }

    /// Connections accepted so far.
    pub fn connections_made(&self) -> u64 {
        self.connections_made
    }

    pub(crate) fn set_script(&mut self, name: &str, faults: Vec<Fault>) {
        self.scripts.entry(name.to_owned()).or_default().next = faults.into();
    }

    pub(crate) fn set_always(&mut self, name: &str, fault: Fault) {
        self.scripts.entry(name.to_owned()).or_default().always = Some(fault);
    }

    /// Takes the fault of the next answer: the script's, then the one for always, then none.
    pub(crate) fn take_fault(&mut self, name: &str) -> Fault {
        let script = self.scripts.get_mut(name);
        script
            .and_then(|script| script.next.pop_front().or_else(|| script.always.clone()))
            .unwrap_or(Fault::None)
    }

    pub(crate) fn log(&mut self, request: LoggedRequest) {
        if self.requests.len() == MAX_LOGGED_REQUESTS {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
        self.request_count += 1;
    }

    pub(crate) fn clear_log(&mut self) {
        self.requests.clear();
        self.request_count = 0;
        self.bytes_sent.clear();
        self.connections_peak = self.connections_open;
        self.connections_made = 0;
    }
}

/// The state behind its lock.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    state: Mutex<ServerState>,
    /// Told of every change, for those who wait for one.
    changed: Condvar,
    /// Bytes a second of every answer that has no rate of its own; 0 is no limit. Apart from the lock,
    /// because every chunk asks for it.
    rate: AtomicU64,
    /// Answers given, for entity tags that never repeat.
    answers: AtomicU64,
}

impl Shared {
    /// Reads.
    pub(crate) fn state(&self) -> MutexGuard<'_, ServerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state, and wakes who waits.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut ServerState) -> T) -> T {
        let result = change(&mut self.state());
        self.changed.notify_all();
        result
    }

    pub(crate) fn wait_until(
        &self,
        mut condition: impl FnMut(&ServerState) -> bool,
        timeout: Duration,
    ) -> bool {
        let waited = self
            .changed
            .wait_timeout_while(self.state(), timeout, |state| !condition(state));
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    pub(crate) fn set_rate(&self, rate: Option<u64>) {
        self.rate.store(rate.unwrap_or(0), Ordering::Relaxed);
    }

    pub(crate) fn rate(&self) -> Option<u64> {
        Some(self.rate.load(Ordering::Relaxed)).filter(|rate| *rate > 0)
    }

    pub(crate) fn next_answer(&self) -> u64 {
        self.answers.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn count_sent(&self, name: &str, bytes: u64) {
        self.change(|state| match state.bytes_sent.get_mut(name) {
            Some(sent) => *sent += bytes,
            None => {
                state.bytes_sent.insert(name.to_owned(), bytes);
            }
        });
    }

    /// Counts a connection for as long as the guard lives; `None` if there are `most` already.
    pub(crate) fn connection(self: &Arc<Self>, most: usize) -> Option<ConnectionGuard> {
        let room = self.change(|state| {
            let room = state.connections_open < most;
            if room {
                state.connections_open += 1;
                state.connections_made += 1;
                state.connections_peak = state.connections_peak.max(state.connections_open);
            }
            room
        });
        room.then(|| ConnectionGuard(Arc::clone(self)))
    }
}

/// An open connection, for the counters.
#[derive(Debug)]
pub(crate) struct ConnectionGuard(Arc<Shared>);

impl Drop for ConnectionGuard {
    fn drop(&mut self) {
        self.0.change(|state| state.connections_open -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_used_up_and_then_what_holds_always_holds() {
        let mut state = ServerState::default();
        assert_eq!(state.take_fault("a"), Fault::None);
        state.set_script("a", vec![Fault::Empty, Fault::Gzip]);
        assert_eq!(state.take_fault("b"), Fault::None);
        assert_eq!(state.take_fault("a"), Fault::Empty);
        state.set_always("a", Fault::Chunked);
        assert_eq!(state.take_fault("a"), Fault::Gzip);
        assert_eq!(state.take_fault("a"), Fault::Chunked);
        assert_eq!(state.take_fault("a"), Fault::Chunked);
    }

    #[test]
    fn the_log_is_bounded_and_the_count_is_not() {
        let mut state = ServerState::default();
        for number in 0..MAX_LOGGED_REQUESTS + 5 {
            state.log(LoggedRequest {
                method: "GET".into(),
                path: number.to_string(),
                name: None,
                headers: Vec::new(),
                range: None,
                if_range: None,
                status: 200,
                http_version: "HTTP/1.1",
            });
        }
        assert_eq!(state.requests().count(), MAX_LOGGED_REQUESTS);
        assert_eq!(state.requests().next().unwrap().path, "5");
        assert_eq!(state.request_count(), MAX_LOGGED_REQUESTS as u64 + 5);
    }
}
