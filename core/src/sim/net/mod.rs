//! The network of a simulated world, and the servers behind it.
//!
//! A scenario puts objects on servers, changes them, and spoils answers and links; clients ask and
//! are answered over virtual time. What a server says is a pure function of its state; chance decides
//! only when connections break. It must never deliver a byte that the server did not send.

mod answer;
mod connection;
mod fault;
mod object;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fastrand::Rng;

pub(crate) use answer::Request;
use connection::Connection;
pub(crate) use connection::{Failure, Receiver};
use fault::Faulty;
pub use fault::{Fault, RetryAfter};
pub use object::{Object, Ranges, Validators};

use super::content::Content;
use super::life::Life;
use super::trace::What;
use super::world::World;
use crate::conditions::Network;
use crate::protocol::{Digest, DigestAlgorithm};

/// Faults that may be in force at a time.
const FAULTS_LIMIT: usize = 1_000;
/// Changes of one object.
const CHANGES_LIMIT: usize = 100_000;
/// Until a scenario says otherwise: from the client to the server and back.
const LATENCY_MS: i64 = 60;
/// And how much all connections of the device get together.
const BYTES_PER_SECOND: u64 = 2_000_000;

/// What stands between the device and the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Captive {
    /// Nothing.
    #[default]
    No,
    /// A portal that answers every `http` request with its own page, as a 200; `https` cannot
    /// connect.
    Plain,
    /// A portal whose certificate the device trusts: every answer is its page.
    Everything,
}

/// A handle to the network of one world. Clones are the same network.
///
/// URLs are compared as text: write them as the app does.
#[derive(Clone)]
pub struct Net {
    world: World,
    state: Arc<Mutex<State>>,
}

/// What an object was from some version on.
#[derive(Clone, Copy, Debug)]
struct Past {
    since: u64,
    size: u64,
    modified_ms: i64,
}

struct State {
    objects: BTreeMap<String, Object>,
    /// What objects were, by URL.
    past: BTreeMap<String, Vec<Past>>,
    faults: Vec<Faulty>,
    link: Network,
    is_out: bool,
    captive: Captive,
    latency_ms: i64,
    bytes_per_second: u64,
    loss: f64,
    connections: BTreeMap<u64, Connection>,
    next_connection: u64,
    rng: Rng,
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Net")
    }
}

impl Net {
    /// A network with nothing on it; the device is on Wi-Fi.
    pub(crate) fn new(world: &World) -> Net {
        Net {
            state: Arc::new(Mutex::new(State {
                objects: BTreeMap::new(),
                past: BTreeMap::new(),
                faults: Vec::new(),
                link: Network::Wifi,
                is_out: false,
                captive: Captive::No,
                latency_ms: LATENCY_MS,
                bytes_per_second: BYTES_PER_SECOND,
                loss: 0.0,
                connections: BTreeMap::new(),
                next_connection: 1,
                rng: world.fork_rng(),
            })),
            world: world.clone(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an object on a server, in place of what was there.
    pub fn serve(&self, url: &str, object: Object) {
        let now_ms = self.world.true_wall_ms();
        let mut state = self.lock();
        let number = state.objects.len() as u64 + 1;
        // What replaces an object is a later version of it.
        let (number, version) = match state.objects.get(url) {
            Some(old) => (old.number, old.latest + 1),
            None => (number, 1),
        };
        let mut object = object.put(number, now_ms);
        object.version = version;
        object.latest = version;
        state.remember(url, &object);
        state.objects.insert(url.to_owned(), object);
    }

    /// The object is another one from now on, of the same size. False if there is none.
    pub fn change(&self, url: &str) -> bool {
        self.renew(url, None)
    }

    /// The object is another one from now on, of another size. False if there is none.
    pub fn resize(&self, url: &str, size: u64) -> bool {
        self.renew(url, Some(size))
    }

    fn renew(&self, url: &str, size: Option<u64>) -> bool {
        let now_ms = self.world.true_wall_ms();
        let version = {
            let state = &mut *self.lock();
            let Some(object) = state.objects.get_mut(url) else {
                return false;
            };
            object.renew(now_ms);
            object.size = size.unwrap_or(object.size);
            let object = object.clone();
            state.remember(url, &object);
            object.version
        };
        self.note_changed(url, version);
        true
    }

    /// What was there before the last change is there again, with the validators that it had. False
    /// if there was nothing before.
    pub fn roll_back(&self, url: &str) -> bool {
        let version = {
            let state = &mut *self.lock();
            let (Some(object), Some(past)) = (state.objects.get_mut(url), state.past.get(url))
            else {
                return false;
            };
            let mut earlier = past.iter().rev();
            let Some(before) = earlier.find(|past| past.since < object.version) else {
                return false;
            };
            object.version = before.since;
            object.size = before.size;
            object.modified_ms = before.modified_ms;
            object.version
        };
        self.note_changed(url, version);
        true
    }

    fn note_changed(&self, url: &str, version: u64) {
        let url = url.to_owned();
        self.world.note(What::ObjectChanged { url, version });
    }

    /// Spoils every answer of a URL, or of a host, until [`clear_faults`](Net::clear_faults). Of
    /// several faults that concern an answer, the first one happens.
    pub fn fault(&self, url_or_host: &str, fault: Fault) {
        self.add_fault(url_or_host, fault, None);
    }

    /// Spoils the next `times` answers of a URL, or of a host.
    pub fn fault_times(&self, url_or_host: &str, fault: Fault, times: u32) {
        self.add_fault(url_or_host, fault, Some(times));
    }

    fn add_fault(&self, at: &str, fault: Fault, left: Option<u32>) {
        let mut state = self.lock();
        assert!(state.faults.len() < FAULTS_LIMIT, "faults without end");
        let at = at.to_owned();
        state.faults.push(Faulty { at, fault, left });
    }

    /// Ends the faults of a URL or of a host.
    pub fn clear_faults(&self, url_or_host: &str) {
        self.lock().faults.retain(|faulty| faulty.at != url_or_host);
    }

    /// What the device is connected through. Running connections break when that changes.
    pub fn set_link(&self, link: Network) {
        let old = std::mem::replace(&mut self.lock().link, link);
        if old != link {
            self.break_all();
        }
    }

    /// What the device is connected through.
    #[must_use]
    pub fn link(&self) -> Network {
        self.lock().link
    }

    /// Whether nothing gets through although the link is there. Running connections break when that
    /// begins.
    pub fn outage(&self, is_out: bool) {
        let was_out = std::mem::replace(&mut self.lock().is_out, is_out);
        if is_out && !was_out {
            self.break_all();
        }
    }

    /// What stands between the device and the network. Running connections break when that changes.
    pub fn captive(&self, captive: Captive) {
        let old = std::mem::replace(&mut self.lock().captive, captive);
        if old != captive {
            self.break_all();
        }
    }

    /// How long a request and the head of its answer take together, in milliseconds: this, and up to
    /// half as much again.
    pub fn latency_ms(&self, ms: u32) {
        self.lock().latency_ms = i64::from(ms);
    }

    /// What all connections get together. At least one byte a second.
    pub fn bytes_per_second(&self, rate: u64) {
        self.lock().bytes_per_second = rate.max(1);
    }

    /// How likely it is that an answer breaks off at some byte, from 0 to 1.
    pub fn loss(&self, probability: f64) {
        self.lock().loss = probability.clamp(0.0, 1.0);
    }

    /// What a URL leads to now.
    #[must_use]
    pub fn content(&self, url: &str) -> Option<Content> {
        self.lock().objects.get(url).map(Object::content)
    }

    /// The SHA-256 of what a URL leads to now, for a request that expects it.
    #[must_use]
    pub fn digest(&self, url: &str) -> Option<Digest> {
        let content = self.content(url)?;
        Some(content.digest(DigestAlgorithm::Sha256))
    }

    /// Whether this is, to the last byte, what the URL leads to now or ever did (rule R9).
    #[must_use]
    pub fn ever_was(&self, url: &str, content: &Content) -> bool {
        let state = self.lock();
        let (Some(object), Some(past)) = (state.objects.get(url), state.past.get(url)) else {
            return false;
        };
        let Some((number, version)) = content.version() else {
            return content.is_empty() && past.iter().any(|past| past.size == 0);
        };
        let was = past.iter().rev().find(|past| past.since <= version);
        number == object.number
            && version <= object.latest
            && was.is_some_and(|was| was.size == content.len())
    }

    fn break_all(&self) {
        self.break_those(|_| true);
    }

    /// Breaks the connections of a process that gets no run time any more.
    pub(crate) fn break_all_of(&self, life: &Life) {
        self.break_those(|connection| connection.is_of(life));
    }
}

impl State {
    fn remember(&mut self, url: &str, object: &Object) {
        let past = self.past.entry(url.to_owned()).or_default();
        assert!(past.len() < CHANGES_LIMIT, "changes without end");
        past.push(Past {
            since: object.version,
            size: object.size,
            modified_ms: object.modified_ms,
        });
    }
}
