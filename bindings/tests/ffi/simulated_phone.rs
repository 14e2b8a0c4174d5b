//! The simulated phone through the bindings.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use crate::support::delegate::Answer;
use crate::support::{Call, Recorder, Told, background, info, parts, request, thrown};
use backhaul_ffi::{
    BackgroundSessions, CallbackError, ErrorKind, Network, ServerFault, SessionParts, SimulatedApp,
    SimulatedObject, SimulatedPhone, SimulatedProfile, SimulatedRanges, SimulatedValidator,
    TaskState, WaitReason,
};

const URL: &str = "https://maps.example/alps";
const MINUTE: Duration = Duration::from_secs(60);

type OnCall = dyn Fn(&Arc<SimulatedPhone>, &Call) -> Result<(), CallbackError> + Send + Sync;

/// An app with one session, whose delegate has the phone in its hand.
struct App {
    phone: OnceLock<Arc<SimulatedPhone>>,
    on_call: Arc<OnCall>,
    /// What each process was told.
    told: Mutex<Vec<Arc<Told>>>,
    /// How many sessions each launch had, and how often their delegates were called before.
    launches: Mutex<Vec<(usize, usize)>>,
    me: std::sync::Weak<App>,
}

impl SimulatedApp for App {
    fn sessions(&self) -> Result<Vec<String>, CallbackError> {
        Ok(vec!["maps".to_owned()])
    }

    fn make_session(&self, identifier: String) -> Result<Option<SessionParts>, CallbackError> {
        let app = self.me.upgrade().unwrap();
        let answer: Answer = Box::new(move |call| match app.phone.get() {
            Some(phone) => (app.on_call)(phone, call),
            None => Ok(()),
        });
        let (delegate, told) = Recorder::answering(answer);
        self.told.lock().unwrap().push(told);
        Ok(Some(parts(background(&identifier), delegate)))
    }

    fn launched(&self, sessions: Arc<BackgroundSessions>) -> Result<(), CallbackError> {
        let mut launches = self.launches.lock().unwrap();
        let told = self.told.lock().unwrap();
        launches.push((
            sessions.sessions().len(),
            told[told.len() - 1].count(|_| true),
        ));
        Ok(())
    }
}

impl App {
    fn count(&self, is: impl Fn(&Call) -> bool) -> usize {
        let told = self.told.lock().unwrap();
        told.iter().map(|told| told.count(&is)).sum()
    }
}

fn phone(
    profile: SimulatedProfile,
    seed: u64,
    on_call: impl Fn(&Arc<SimulatedPhone>, &Call) -> Result<(), CallbackError> + Send + Sync + 'static,
) -> (Arc<SimulatedPhone>, Arc<App>) {
    let app = Arc::new_cyclic(|me| App {
        phone: OnceLock::new(),
        on_call: Arc::new(on_call),
        told: Mutex::default(),
        launches: Mutex::default(),
        me: me.clone(),
    });
    let phone = SimulatedPhone::new(profile, seed, app.clone()).unwrap();
    assert!(app.phone.set(phone.clone()).is_ok());
    phone.serve(object(4_000_000)).unwrap();
    (phone, app)
}

fn object(size: u64) -> SimulatedObject {
    SimulatedObject {
        url: URL.to_owned(),
        size,
        validator: SimulatedValidator::Strong,
        ranges: SimulatedRanges::Honoured,
        sends_digest: false,
    }
}

fn enqueue(phone: &SimulatedPhone) -> i64 {
    let session = phone.session("maps".to_owned()).unwrap();
    let tasks = session.enqueue(vec![request(URL)]).unwrap();
    tasks[0].id()
}

fn is_end(call: &Call) -> bool {
    matches!(call, Call::Completed(..))
}

/// A phone's bad day; what it logged.
fn bad_day(seed: u64) -> String {
    let (phone, app) = phone(SimulatedProfile::Android, seed, |_, _| Ok(()));
    phone.open();
    let task = enqueue(&phone);
    phone.advance(Duration::from_millis(300));
    phone.set_network(Network::None);
    phone.advance(MINUTE);
    let waiting = TaskState::Waiting {
        reason: WaitReason::Connectivity,
    };
    assert_eq!(phone.state("maps".to_owned(), task), Some(waiting));
    phone.kill();
    phone.set_network(Network::Wifi);
    phone.serve(object(5_000_000)).unwrap();
    phone.reboot();
    phone.set_clock_back(60 * MINUTE);
    let down = ServerFault::Status {
        code: 503,
        retry_after: Some(MINUTE),
    };
    phone
        .set_server("maps.example".to_owned(), down, Some(1))
        .unwrap();
    phone.open();
    phone.advance(60 * MINUTE);
    let state = phone.state("maps".to_owned(), task);
    assert_eq!(state, Some(TaskState::Completed), "{}", phone.story());
    assert_eq!(phone.file_version("maps".to_owned(), task), Some(2));
    assert_eq!(app.count(is_end), 1);
    // The app has its sessions in hand before they tell it anything.
    let launches = app.launches.lock().unwrap();
    assert!(launches.len() >= 2 && launches.iter().all(|launch| *launch == (1, 0)));
    assert_eq!(phone.broken_promises(), []);
    phone.log()
}

#[test]
fn a_task_survives_a_bad_day_and_the_same_seed_gives_the_same_log() {
    // rule S7, rule R9, rule P7
    assert_eq!(bad_day(7), bad_day(7));
    assert_ne!(bad_day(7), bad_day(8));
}

#[test]
fn a_delegate_that_throws_is_told_again_at_the_next_launch() {
    // rule D4
    for profile in [SimulatedProfile::Ios, SimulatedProfile::Android] {
        let first = Mutex::new(true);
        let (phone, app) = phone(profile, 3, move |_, call| match call {
            Call::File(..) if std::mem::take(&mut *first.lock().unwrap()) => thrown(),
            _ => Ok(()),
        });
        phone.open();
        let task = enqueue(&phone);
        phone.advance(10 * MINUTE);
        assert_eq!(app.count(is_end), 0);
        assert_eq!(
            phone.state("maps".to_owned(), task),
            Some(TaskState::Completed)
        );
        phone.kill();
        phone.open();
        phone.advance(MINUTE);
        assert_eq!(app.count(is_end), 1);
        assert_eq!(app.count(|call| matches!(call, Call::File(..))), 2);
        assert_eq!(phone.broken_promises(), []);
    }
}

#[test]
fn a_delegate_may_use_its_session_and_the_phone_from_inside_a_call() {
    // rule L2
    let (phone, app) = phone(SimulatedProfile::Android, 4, |phone, call| {
        if matches!(call, Call::Completed(1, _)) {
            let session = phone.session("maps".to_owned()).unwrap();
            let mut again = request(URL);
            again.caller_id = Some("again".to_owned());
            session.enqueue(vec![again]).unwrap();
            phone.advance(MINUTE);
            phone.background_sessions().unwrap().sessions();
        }
        Ok(())
    });
    phone.open();
    enqueue(&phone);
    phone.advance(10 * MINUTE);
    assert_eq!(app.count(is_end), 2);
    assert_eq!(phone.broken_promises(), []);
}

#[test]
fn a_delegate_may_end_its_own_process() {
    // rule D4
    let (phone, app) = phone(SimulatedProfile::Ios, 5, |phone, call| {
        let is_first = phone.story().matches("launched").count() == 1;
        if is_end(call) && is_first {
            phone.lose_power();
        }
        Ok(())
    });
    phone.open();
    enqueue(&phone);
    phone.advance(10 * MINUTE);
    phone.open();
    phone.advance(10 * MINUTE);
    assert_eq!(app.count(is_end), 2);
    assert_eq!(phone.broken_promises(), []);
}

/// Fails at every launch, in one way or the other.
struct Failing {
    panics: bool,
}

impl SimulatedApp for Failing {
    fn sessions(&self) -> Result<Vec<String>, CallbackError> {
        Ok(vec!["maps".to_owned()])
    }

    fn make_session(&self, _: String) -> Result<Option<SessionParts>, CallbackError> {
        assert!(!self.panics, "the app panics");
        thrown()
    }

    fn launched(&self, _: Arc<BackgroundSessions>) -> Result<(), CallbackError> {
        thrown()
    }
}

#[test]
fn an_app_that_throws_at_its_launch_is_heard() {
    // rule W5
    let app = Arc::new(Failing { panics: false });
    let phone = SimulatedPhone::new(SimulatedProfile::Ios, 1, app).unwrap();
    phone.open();
    assert!(phone.session("maps".to_owned()).is_none());
    let failed = phone.background_sessions().unwrap().failed_sessions();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].identifier, "maps");
    assert_eq!(failed[0].error.reason, "thrown by the test");
    let story = phone.story();
    assert!(story.contains("could not make the session maps: thrown by the test"));
    assert!(story.contains("failed at its launch: thrown by the test"));
}

#[test]
fn a_panic_is_a_broken_promise_and_does_not_cross() {
    // rule C2
    let app = Arc::new(Failing { panics: true });
    let phone = SimulatedPhone::new(SimulatedProfile::Ios, 1, app).unwrap();
    phone.open();
    let broken = phone.broken_promises();
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert_eq!(broken[0].rule, "C2");
    assert!(broken[0].text.contains("the app panics"));
}

#[test]
fn a_step_that_is_wrong_is_an_invalid_request_with_its_place() {
    // rule C2
    let (phone, _) = phone(SimulatedProfile::Watch, 1, |_, _| Ok(()));
    let wrong = [
        (r#"{"disk": {"free": "ten"}}"#, "line 1"),
        (
            r#"{"power": {"charging": true, "battery_percent": 101}}"#,
            "power",
        ),
        (r#"{"app": "suspended"}"#, "app"),
        (r#"{"suspend": "alps"}"#, "`suspend` is not for the phone"),
        (
            r#"{"expect": {"wakes_at_most": 1}}"#,
            "`expect` is not for the phone",
        ),
    ];
    for (step, place) in wrong {
        let error = info(phone.perform(step.to_owned()));
        assert_eq!(error.kind, ErrorKind::InvalidRequest);
        assert!(error.reason.starts_with(place), "{}", error.reason);
    }
    let mut nowhere = object(1);
    nowhere.url = "alps".to_owned();
    assert_eq!(info(phone.serve(nowhere)).kind, ErrorKind::InvalidRequest);
    let fine = ServerFault::Status {
        code: 200,
        retry_after: None,
    };
    let refused = phone.set_server("maps.example".to_owned(), fine, None);
    assert_eq!(info(refused).kind, ErrorKind::InvalidRequest);
}

#[test]
fn a_step_of_the_scenarios_happens_to_the_phone() {
    // rule D9
    let (phone, _) = phone(SimulatedProfile::Android, 1, |_, _| Ok(()));
    phone.open();
    phone
        .perform(r#"{"disk": {"free": "1MiB"}}"#.to_owned())
        .unwrap();
    let task = enqueue(&phone);
    phone.advance(MINUTE);
    let waiting = TaskState::Waiting {
        reason: WaitReason::Storage,
    };
    assert_eq!(phone.state("maps".to_owned(), task), Some(waiting));
    phone
        .perform(r#"{"disk": {"free": "1GiB"}}"#.to_owned())
        .unwrap();
    phone.advance(30 * MINUTE);
    assert_eq!(
        phone.state("maps".to_owned(), task),
        Some(TaskState::Completed)
    );
}
