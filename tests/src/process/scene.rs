//! A server with objects, a container, and the probe that fetches them: what most tests of kills
//! begin and end with.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use backhaul_fault_server::{FaultServer, Object, ServerState};
use tempfile::TempDir;

use super::calls::{self, Call};
use super::check;
use super::plan::{Plan, Wanted};
#[cfg(target_os = "linux")]
use super::watch::Watch;
use super::{Event, Process};

/// How often a wait for the server looks whether it is still needed.
const STILL_WANTED: Duration = Duration::from_millis(100);

/// The session of a scene.
pub const SESSION: &str = "com.example.kills";

/// See the module.
#[derive(Debug)]
pub struct Scene {
    /// The server; its objects are those of the scene.
    pub server: FaultServer,
    /// The container; it may move.
    pub container: PathBuf,
    scratch: TempDir,
    probe: PathBuf,
    objects: BTreeMap<String, Object>,
    /// Ends that were on record as told when a process died: they must not be told again.
    settled: BTreeSet<(i64, i64)>,
    /// How much of the calls was looked at.
    seen_calls: usize,
}

impl Scene {
    /// An empty scene. `probe` is `env!("CARGO_BIN_EXE_probe")`, which only a test knows.
    ///
    /// # Panics
    /// If the server or a scratch folder cannot be made.
    pub fn new(probe: &str) -> Scene {
        Scene::on(FaultServer::start().unwrap(), probe)
    }

    /// An empty scene on a server that is not as the plain one.
    ///
    /// # Panics
    /// If a scratch folder cannot be made.
    pub fn on(server: FaultServer, probe: &str) -> Scene {
        let scratch = tempfile::tempdir().unwrap();
        Scene {
            server,
            container: scratch.path().join("container"),
            scratch,
            probe: PathBuf::from(probe),
            objects: BTreeMap::new(),
            settled: BTreeSet::new(),
            seen_calls: 0,
        }
    }

    /// A folder that goes with the scene.
    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    /// Puts an object on the server, to be fetched by the next launches.
    pub fn put(&mut self, name: &str, object: Object) {
        self.server.put(name, object.clone());
        self.objects.insert(name.to_owned(), object);
    }

    /// The objects by name.
    pub fn objects(&self) -> &BTreeMap<String, Object> {
        &self.objects
    }

    /// Where the file of an object arrives.
    pub fn destination(&self, name: &str) -> PathBuf {
        self.files().join(name)
    }

    /// The folder of all of them.
    pub fn files(&self) -> PathBuf {
        self.container.join("files")
    }

    /// A plan that fetches every object.
    pub fn plan(&self) -> Plan {
        let mut plan = Plan::new(&self.container, SESSION);
        plan.in_flight = 8;
        plan.root_certificate = self
            .server
            .ca_certificate_pem()
            .unwrap_or_default()
            .to_owned();
        plan.calls = self.scratch.path().join("calls");
        plan.files = self.objects.keys().map(|name| self.wanted(name)).collect();
        plan
    }

    /// One file of a plan.
    pub fn wanted(&self, name: &str) -> Wanted {
        Wanted {
            url: self.server.object_url(name),
            path: name.to_owned(),
            caller_id: name.to_owned(),
            ..Wanted::default()
        }
    }

    /// Starts the probe.
    pub fn launch(&self, plan: &Plan) -> Process {
        Process::start(&self.probe, [plan.save()])
    }

    /// Starts the probe after a watch of these folders, which sees the first change too.
    #[cfg(target_os = "linux")]
    pub fn launch_watched(&self, plan: &Plan, folders: &[&Path]) -> (Process, Watch) {
        let (sender, events) = mpsc::channel();
        let watch = Watch::start(folders, sender.clone());
        let app = Process::start_on((sender, events), &self.probe, [plan.save()]);
        (app, watch)
    }

    /// Body bytes of all objects that the server sent.
    pub fn sent(&self) -> u64 {
        self.objects
            .keys()
            .map(|name| self.server.bytes_sent(name))
            .sum()
    }

    /// Requests that the server answered.
    pub fn asked(&self) -> u64 {
        let mut count = 0;
        let read = |state: &ServerState| {
            count = state.request_count();
            true
        };
        let _ = self.server.wait_until(read, STILL_WANTED);
        count
    }

    /// The lengths of all objects.
    pub fn total(&self) -> u64 {
        self.objects.values().map(Object::len).sum()
    }

    /// Waits until the server's state is as wanted, or the process is gone: true if it is.
    pub fn wait_or_gone(
        &self,
        app: &mut Process,
        what: &str,
        condition: impl Fn(&ServerState) -> bool + Sync,
    ) -> bool {
        let over = AtomicBool::new(false);
        let sender = app.sender();
        let came = || Event::Mark("server".to_owned());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    if self.server.wait_until(&condition, STILL_WANTED) {
                        let _ = sender.send(came());
                        return;
                    }
                }
            });
            let found = app.wait_for(what, |event| *event == came());
            over.store(true, Ordering::Relaxed);
            found.is_some()
        })
    }

    /// Waits until the server has sent so many bytes of the scene's objects in all.
    pub fn wait_sent_or_gone(&self, app: &mut Process, bytes: u64) -> bool {
        let sum = |state: &ServerState| -> u64 {
            self.objects.keys().map(|name| state.bytes_sent(name)).sum()
        };
        self.wait_or_gone(app, "bytes", |state| sum(state) >= bytes)
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Call> {
        calls::read(&self.scratch.path().join("calls"))
    }

    /// To be called after each death (rule D4): what was told is in the journal, and what was on
    /// record as told at an earlier death was not told again since.
    ///
    /// # Panics
    /// If not.
    pub fn check_death(&mut self) {
        let calls = self.calls();
        calls::check(&calls);
        if calls.is_empty() && !self.container.join("backhaul.sqlite3").exists() {
            return;
        }
        let Ok(inspector) = backhaul::Inspector::open(&self.container) else {
            return;
        };
        let known = inspector.session_identifiers().unwrap_or_default();
        if !known.iter().any(|name| name == SESSION) {
            return;
        }
        let journal = check::journal(&self.container, SESSION);
        for call in &calls[self.seen_calls..] {
            let Some(sequence) = call.sequence.filter(|_| call.call == "did_complete") else {
                continue;
            };
            let end = (call.task, sequence);
            assert!(
                !self.settled.contains(&end),
                "told again after it was acknowledged: {call:?}"
            );
            let entry = journal
                .iter()
                .find(|e| (e.task.as_i64(), e.task_sequence) == end);
            assert!(
                entry.is_some(),
                "told before it was in the journal: {call:?}"
            );
        }
        self.seen_calls = calls.len();
        self.settled.extend(check::acknowledged(&journal));
    }

    /// The end of a story (rules S7, R9, D4, D8): every file is right, every end was told, the
    /// journal knows it, and nothing is left behind.
    ///
    /// # Panics
    /// If one of that does not hold.
    pub fn check_end(&mut self) {
        self.check_death();
        for (name, object) in &self.objects {
            check::assert_is(&self.destination(name), object);
        }
        check::assert_no_parts(&self.container);
        let calls = self.calls();
        let ends = calls::ends(&calls);
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for call in ends.values().flatten() {
            assert_eq!(call.error, None, "{call:?}");
            told.insert(&call.caller_id);
        }
        let wanted: BTreeSet<&str> = self.objects.keys().map(String::as_str).collect();
        assert_eq!(told, wanted, "who was told of");
        let journal = check::journal(&self.container, SESSION);
        assert!(
            journal.iter().all(|event| event.acknowledged),
            "something was not told"
        );
        assert_eq!(journal.len(), self.objects.len(), "one end for each task");
    }
}
