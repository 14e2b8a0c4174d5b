//! The shared scenarios, played through the bindings as another language plays them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::support::{Call, Recorder, configuration_of, info, parts, request, thrown};
use backhaul_ffi::{
    BackgroundSessions, BackhaulError, CallbackError, Destination, ErrorKind, ForceQuitPolicy,
    PlanStep, Request, ScenarioHost, ScenarioSession, ScenarioTask, Session, SessionKind,
    SessionParts, play_scenario,
};

/// An app that does what it is told by the exported functions.
#[derive(Default)]
struct Host {
    sessions: Mutex<Option<Arc<BackgroundSessions>>>,
    told: Arc<Mutex<BTreeMap<i64, u64>>>,
}

impl Host {
    fn session(&self) -> Arc<Session> {
        let sessions = self.sessions.lock().unwrap().clone().unwrap();
        sessions.session("app".to_owned()).unwrap()
    }
}

fn failed(error: BackhaulError) -> CallbackError {
    CallbackError::Failed {
        reason: error.to_string(),
    }
}

fn request_of(task: &ScenarioTask) -> Request {
    Request {
        destination: Some(Destination {
            base: "container".to_owned(),
            path: task.name.clone(),
        }),
        caller_id: Some(task.name.clone()),
        priority: task.priority,
        earliest_begin_date: task.earliest_begin_date,
        allows_cellular_access: Some(task.allows_cellular),
        allows_expensive_network_access: Some(task.allows_expensive),
        allows_constrained_network_access: Some(task.allows_constrained),
        is_discretionary: task.is_discretionary,
        count_of_bytes_client_expects_to_receive: task.expected_bytes,
        expected_digest: task.expected_digest.clone(),
        group: task.group.clone(),
        after: task.after.clone(),
        ..request(&task.url)
    }
}

impl ScenarioHost for Host {
    fn make_session(&self, session: ScenarioSession) -> Result<SessionParts, CallbackError> {
        let identifier = session.identifier.clone();
        let mut configuration = configuration_of(match session.is_watch {
            true => SessionKind::Watch { identifier },
            false => SessionKind::Background { identifier },
        });
        configuration.is_discretionary = session.is_discretionary;
        configuration.retry_policy = None;
        configuration.timeout_for_request = session.timeout_for_request;
        configuration.timeout_for_resource = session.timeout_for_resource;
        configuration.allows_cellular_access = session.allows_cellular;
        configuration.allows_expensive_network_access = session.allows_expensive;
        configuration.allows_constrained_network_access = session.allows_constrained;
        configuration.sends_launch_events = session.sends_launch_events;
        configuration.max_concurrent_transfers = session.max_concurrent_transfers;
        configuration.max_connections_per_host = session.max_connections_per_host;
        if session.requeues_after_force_quit {
            configuration.force_quit_policy = Some(ForceQuitPolicy::Requeue);
        }
        let told = Arc::clone(&self.told);
        let (delegate, _) = Recorder::answering(move |call| {
            if let Call::Completed(task, _) = call {
                *told.lock().unwrap().entry(*task).or_default() += 1;
            }
            Ok(())
        });
        Ok(parts(configuration, delegate))
    }

    fn launched(&self, sessions: Arc<BackgroundSessions>) -> Result<(), CallbackError> {
        *self.sessions.lock().unwrap() = Some(sessions);
        Ok(())
    }

    fn enqueue(&self, tasks: Vec<ScenarioTask>) -> Result<Vec<i64>, CallbackError> {
        let steps = tasks.iter().map(|task| PlanStep {
            request: request_of(task),
            after: task.after_places.clone(),
        });
        let made = self
            .session()
            .enqueue_plan(steps.collect())
            .map_err(failed)?;
        Ok(made.iter().map(|task| task.id()).collect())
    }

    fn make_task(&self, task: ScenarioTask) -> Result<i64, CallbackError> {
        let made = self
            .session()
            .download_task(request_of(&task))
            .map_err(failed)?;
        Ok(made.id())
    }

    fn resume(&self, task: i64) -> Result<(), CallbackError> {
        self.session()
            .task(task)
            .and_then(|t| t.resume())
            .map_err(failed)
    }

    fn suspend(&self, task: i64) -> Result<(), CallbackError> {
        self.session()
            .task(task)
            .and_then(|t| t.suspend())
            .map_err(failed)
    }

    fn cancel(&self, task: i64) -> Result<(), CallbackError> {
        self.session()
            .task(task)
            .and_then(|t| t.cancel())
            .map_err(failed)
    }

    fn told(&self, task: i64) -> Result<u64, CallbackError> {
        Ok(self.told.lock().unwrap().get(&task).copied().unwrap_or(0))
    }
}

fn scenarios() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_scenario_goes_as_it_says_and_as_in_rust() {
    // rule S7, rule S9, rule S10, rule S11, rule L6, rule P4, rule P8, rule W5, rule W6, rule W7
    let scenarios = scenarios();
    assert!(scenarios.len() >= 15, "{}", scenarios.len());
    for (name, json) in scenarios {
        let host = Arc::new(Host::default());
        let played = play_scenario(json.clone(), Some(host)).unwrap();
        assert!(played.is_right, "{name}:\n{}", played.report);
        let in_rust = play_scenario(json, None).unwrap();
        assert!(played.log == in_rust.log, "{name} has another log");
    }
}

const STORY: &str = r#"{"name": "alps", "steps": [
    {"enqueue": {"task": "alps", "url": "https://maps.example/alps", "size": "1MiB"}},
    {"expect": {"task": "alps", "is": "failed"}},
    {"advance": "10m"}
], "expect": [{"task": "alps", "delivered": 2}]}"#;

#[test]
fn what_is_not_as_expected_is_reported_with_its_place() {
    // rule E1
    let played = play_scenario(STORY.to_owned(), Some(Arc::new(Host::default()))).unwrap();
    assert!(!played.is_right);
    let lines: Vec<&str> = played.report.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[0].starts_with("step 2 (expect): expected that alps is failed"));
    assert!(lines[1].starts_with("expect, number 1: expected that alps was delivered 2 times"));
}

#[test]
fn a_mistake_is_an_invalid_request_with_its_place() {
    // rule C2
    let mistakes = [
        ("{", "line 1"),
        (r#"{"name": "x", "steps": ["jump"]}"#, "line 1, column"),
        (
            r#"{"name": "x", "steps": [{"suspend": "b"}]}"#,
            "step 1 (suspend)",
        ),
    ];
    for (json, place) in mistakes {
        let error = info(play_scenario(json.to_owned(), None));
        assert_eq!(error.kind, ErrorKind::InvalidRequest);
        assert!(error.reason.contains(place), "{}", error.reason);
    }
}

/// An app that fails in one of its parts.
struct Failing {
    host: Host,
    in_session: bool,
}

impl ScenarioHost for Failing {
    fn make_session(&self, session: ScenarioSession) -> Result<SessionParts, CallbackError> {
        match self.in_session {
            true => thrown(),
            false => self.host.make_session(session),
        }
    }

    fn launched(&self, sessions: Arc<BackgroundSessions>) -> Result<(), CallbackError> {
        self.host.launched(sessions)
    }

    fn enqueue(&self, _: Vec<ScenarioTask>) -> Result<Vec<i64>, CallbackError> {
        thrown()
    }

    fn make_task(&self, _: ScenarioTask) -> Result<i64, CallbackError> {
        thrown()
    }

    fn resume(&self, _: i64) -> Result<(), CallbackError> {
        thrown()
    }

    fn suspend(&self, _: i64) -> Result<(), CallbackError> {
        thrown()
    }

    fn cancel(&self, _: i64) -> Result<(), CallbackError> {
        thrown()
    }

    fn told(&self, _: i64) -> Result<u64, CallbackError> {
        thrown()
    }
}

#[test]
fn what_the_host_throws_ends_the_play_with_the_step() {
    // rule E3
    for in_session in [true, false] {
        let host = Failing {
            host: Host::default(),
            in_session,
        };
        let error = info(play_scenario(STORY.to_owned(), Some(Arc::new(host))));
        assert_eq!(error.kind, ErrorKind::InvalidRequest);
        assert!(
            error.reason.starts_with("step 1 (enqueue): "),
            "{}",
            error.reason
        );
        assert!(
            error.reason.ends_with("thrown by the test"),
            "{}",
            error.reason
        );
    }
}
