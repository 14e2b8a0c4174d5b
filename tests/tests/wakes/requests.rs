//! One wake is asked for, when it is of use, and no more than a watch may have (rules P6, P8).

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use backhaul::{
    AppState, Background, Network, Session, SessionConfiguration, SystemConditions, WaitReason,
    WakeRequest, WakeScheduler,
};
use backhaul_fault_server::Object;
use backhaul_tests::fixture::start;
use backhaul_tests::{Fixture, PATIENCE, Recorder};

use crate::phone::{Ticket, app};

const QUARTER: Duration = Duration::from_secs(15 * 60);

/// Writes down what it is asked for.
#[derive(Default)]
struct Platform {
    asked: Mutex<Vec<Option<WakeRequest>>>,
    changed: Condvar,
}

impl Platform {
    fn note(&self, request: Option<WakeRequest>) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push(request);
        self.changed.notify_all();
    }

    /// Waits until the last word is of this kind.
    fn wait_for(&self, mut seen: impl FnMut(&[Option<WakeRequest>]) -> bool) {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .changed
            .wait_timeout_while(asked, PATIENCE, |asked| !seen(asked));
        let (asked, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!timeout.timed_out(), "waited in vain: {asked:#?}");
    }

    fn wait_for_request(&self) -> WakeRequest {
        let mut last = None;
        self.wait_for(|asked| {
            last = asked.last().copied().flatten();
            last.is_some()
        });
        last.unwrap()
    }

    fn count(&self) -> usize {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }
}

impl WakeScheduler for Platform {
    fn schedule(&self, request: WakeRequest) {
        self.note(Some(request));
    }
    fn cancel(&self) {
        self.note(None);
    }
}

fn tunnel() -> SystemConditions {
    SystemConditions {
        network: Network::None,
        ..app(AppState::Active)
    }
}

/// A session with a task that needs a network, of an app that has gone to the background.
fn waiting(
    fixture: &Fixture,
    platform: &Arc<Platform>,
    change: impl FnOnce(SessionConfiguration<Background>) -> SessionConfiguration<Background>,
) -> (Session, Arc<Recorder>, backhaul::DownloadTask) {
    let delegate = Recorder::new();
    let configuration = fixture
        .background("com.example.test")
        .conditions(tunnel())
        .wake_scheduler(Arc::clone(platform) as Arc<dyn WakeScheduler>);
    let session = start(change(configuration), &delegate);
    let task = fixture.fetch(&session, "a", &Object::generated(1, 10_000));
    session.set_conditions(app(AppState::Background));
    session.wait_until(Some(PATIENCE), |status| status.transferring == 0);
    (session, delegate, task)
}

fn watch(configuration: SessionConfiguration<Background>) -> SessionConfiguration<Background> {
    configuration.watch_budget(backhaul::WatchBudget {
        small_transfer_limit_bytes: 1_000_000,
        large_transfers: backhaul::LargeTransfers::Hold,
    })
}

#[test]
fn a_task_that_needs_run_time_and_a_network_asks_for_both() {
    // rule P6
    let (fixture, platform) = (Fixture::new(), Arc::<Platform>::default());
    let (session, delegate, task) = waiting(&fixture, &platform, |same| same);
    let request = platform.wait_for_request();
    assert!(request.constraints.network, "{request:?}");
    assert!(!request.constraints.charging);
    let explanation = task.explain().unwrap();
    let reason = explanation.task.state.reason();
    assert_eq!(reason, Some(WaitReason::WakeBudget));
    assert_eq!(explanation.next_evaluation, Some(request.at));

    let (ticket, completed) = Ticket::new(&delegate);
    session.handle_background_events(ticket);
    assert!(completed.wait().contains(&"completed"));
    // What was asked for has come, and nothing waits any more.
    platform.wait_for(|asked| !asked.is_empty());
    drop((task, session));
    let asked = platform.count();
    // One that would have found a process that died over its transfer, one for run time, and the same
    // again while the wake moves the bytes.
    assert!(asked <= 3, "{asked} requests for one wake");
}

#[test]
fn nobody_is_woken_for_a_session_without_launch_events() {
    // rule C, rule P6
    let (fixture, platform) = (Fixture::new(), Arc::<Platform>::default());
    let (session, _delegate, task) =
        waiting(&fixture, &platform, |same| same.sends_launch_events(false));
    assert_eq!(
        task.info().unwrap().state.reason(),
        Some(WaitReason::WakeBudget)
    );
    drop((task, session));
    assert_eq!(platform.count(), 0);
}

#[test]
fn with_nothing_left_to_do_the_request_is_taken_back() {
    // rule P6
    let (fixture, platform) = (Fixture::new(), Arc::<Platform>::default());
    let (session, _delegate, task) = waiting(&fixture, &platform, |same| same);
    platform.wait_for_request();
    task.cancel().unwrap();
    platform.wait_for(|asked| asked.last() == Some(&None));
    drop(session);
}

#[test]
fn a_watch_is_woken_a_quarter_of_an_hour_after_the_last_time() {
    // rule P8
    let (fixture, platform) = (Fixture::new(), Arc::<Platform>::default());
    let woken = {
        let (session, delegate, task) = waiting(&fixture, &platform, watch);
        platform.wait_for_request();
        // A wake in a tunnel: nothing comes of it.
        session.set_conditions(SystemConditions {
            app_state: AppState::Background,
            ..tunnel()
        });
        let (ticket, completed) = Ticket::new(&delegate);
        let woken = SystemTime::now();
        session.handle_background_events(ticket);
        completed.wait();
        session.set_conditions(app(AppState::Background));
        platform.wait_for(|asked| {
            let at = asked.last().copied().flatten().map(|request| request.at);
            at.is_some_and(|at| at >= woken + QUARTER - Duration::from_secs(1))
        });
        let explanation = task.explain().unwrap();
        assert_eq!(
            explanation.task.state.reason(),
            Some(WaitReason::WakeBudget)
        );
        let next = explanation.next_evaluation.unwrap();
        assert!(next >= woken + QUARTER - Duration::from_secs(1));
        woken
    };

    // Another process knows of that wake.
    let platform = Arc::<Platform>::default();
    let configuration = watch(fixture.background("com.example.test"))
        .conditions(app(AppState::Background))
        .wake_scheduler(Arc::clone(&platform) as Arc<dyn WakeScheduler>);
    let _session = start(configuration, &Recorder::new());
    let request = platform.wait_for_request();
    assert!(request.at >= woken + QUARTER - Duration::from_secs(1));
    assert!(request.at <= SystemTime::now() + QUARTER + Duration::from_secs(1));
}
