//! The phone in a test's hand: what an app may do in the middle of a call, and what goes wrong at a launch.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use crate::error::{Error, ErrorKind, Result};
use crate::sim::{App, Object, Phone, Profile, Step, minutes};
use crate::{
    DownloadedFile, Launch, Request, SessionConfiguration, SessionDelegate, TaskInfo, TaskState,
};

const URL: &str = "https://example.com/alps";

type Act = fn(&Phone);

/// Does something to the phone when a file has arrived, once.
#[derive(Clone, Default)]
struct Hand {
    phone: Arc<OnceLock<Phone>>,
    act: Arc<Mutex<Option<Act>>>,
    told: Arc<AtomicU32>,
}

impl SessionDelegate for Hand {
    fn did_finish_downloading_to(&self, _: &TaskInfo, _: &DownloadedFile) {
        self.told.fetch_add(1, Ordering::Relaxed);
        let act = self.act.lock().unwrap().take();
        if let (Some(act), Some(phone)) = (act, self.phone.get()) {
            act(phone);
        }
    }
}

impl App for Hand {
    fn sessions(&self) -> Result<Vec<String>> {
        Ok(vec!["maps".to_owned()])
    }

    fn session(&self, identifier: &str) -> Result<Option<Launch>> {
        let configuration = SessionConfiguration::background(identifier)?.is_discretionary(false);
        Ok(Some(Launch::new(configuration, Arc::new(self.clone()))))
    }
}

fn phone_in(profile: Profile, act: Act) -> (Phone, Hand) {
    let hand = Hand::default();
    *hand.act.lock().unwrap() = Some(act);
    let phone = Phone::new(profile, 5, Arc::new(hand.clone()));
    assert!(hand.phone.set(phone.clone()).is_ok());
    phone.net().serve(URL, Object::new(1_000_000));
    phone.open();
    (phone, hand)
}

#[test]
fn a_delegate_that_ends_its_own_process_is_told_again() {
    // rule D4
    for profile in [Profile::Ios, Profile::Android] {
        for act in [
            Phone::kill,
            Phone::force_quit,
            Phone::reboot,
            Phone::lose_power,
        ] {
            let (phone, hand) = phone_in(profile, act);
            let session = phone.session("maps").unwrap();
            let task = session.download_task(Request::new(URL).unwrap()).unwrap();
            task.resume().unwrap();
            let id = task.id();
            drop((task, session));
            phone.advance(minutes(5));
            phone.open();
            phone.advance(minutes(5));
            assert_eq!(phone.state("maps", id), Some(TaskState::Completed));
            assert_eq!(phone.broken(), []);
            assert_eq!(hand.told.load(Ordering::Relaxed), 2);
            assert_eq!(phone.session("maps").unwrap().status().undelivered, 0);
        }
    }
}

#[test]
fn a_delegate_may_let_time_pass_and_use_its_session() {
    // rule L2
    let (phone, _) = phone_in(Profile::Android, |phone| {
        let session = phone.session("maps").unwrap();
        let request = Request::new(URL).unwrap().caller_id("again");
        session.enqueue([Ok(request)]).unwrap();
        phone.advance(minutes(1));
    });
    let session = phone.session("maps").unwrap();
    session.enqueue([Request::new(URL)]).unwrap();
    phone.advance(minutes(5));
    let again = session.task_with_caller_id("again").unwrap().unwrap();
    assert_eq!(again.info().unwrap().state, TaskState::Completed);
    assert_eq!(phone.broken(), []);
}

/// An app that fails at its launch.
struct Failing;

impl App for Failing {
    fn sessions(&self) -> Result<Vec<String>> {
        Ok(vec!["maps".to_owned()])
    }

    fn session(&self, _: &str) -> Result<Option<Launch>> {
        Err(Error::new(ErrorKind::System, "no disk for the app"))
    }
}

#[test]
fn an_app_that_cannot_make_a_session_is_heard() {
    // rule W5
    let phone = Phone::new(Profile::Ios, 1, Arc::new(Failing));
    phone.open();
    assert!(phone.session("maps").is_none());
    let unmade = phone.unmade_sessions();
    assert_eq!((unmade.len(), unmade[0].0.as_str()), (1, "maps"));
    assert!(phone.trace().to_log().contains("no disk for the app"));
}

#[test]
fn a_session_opened_later_is_simulated_too() {
    // rule S7
    let (phone, _) = phone_in(Profile::Android, |_| {});
    let configuration = SessionConfiguration::background("later").unwrap();
    let launch = Launch::new(
        configuration.is_discretionary(false),
        Arc::new(Hand::default()),
    );
    let session = phone.backhaul().unwrap().open(launch).unwrap();
    let task = session.enqueue([Request::new(URL)]).unwrap().remove(0);
    phone.advance(minutes(5));
    assert_eq!(phone.state("later", task.id()), Some(TaskState::Completed));
    assert_eq!(phone.file("alps").unwrap().version().unwrap().1, 1);
}

#[test]
fn what_the_app_does_is_not_for_the_phone() {
    // rule C2
    let (phone, _) = phone_in(Profile::Ios, |_| {});
    let step = Step::from_json(r#"{"suspend": "alps"}"#).unwrap();
    assert_eq!(
        phone.perform(&step).unwrap_err().kind(),
        ErrorKind::InvalidRequest
    );
    let low = Step::from_json(r#"{"low_power": true}"#).unwrap();
    phone.perform(&low).unwrap();
    assert!(phone.conditions().low_power);
}
