//! The moment at which a process dies.

use backhaul_tests::process::plan::Plan;
use backhaul_tests::process::scene::Scene;
use backhaul_tests::process::{Event, Process};

/// Counted from the start of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The session was made.
    Opened,
    /// Its tasks are durable.
    Enqueued,
    /// The server was asked so many times.
    Asked(u64),
    /// The server sent so many bytes.
    Sent(u64),
    /// The delegate is in its so-many-th `did_complete`.
    Told(u32),
    /// The so-many-th change in the folder of the files: a part file was made, written to, renamed;
    /// a sidecar was written, sealed, removed.
    Changed(u32),
    /// The so-many-th file was put in its place.
    Filed(u32),
    /// The so-many-th write to the store.
    Stored(u32),
}

impl Moment {
    /// Any moment of a launch that is to fetch some `bytes`.
    pub fn any(chance: &mut fastrand::Rng, bytes: u64) -> Moment {
        match chance.u32(0..20) {
            0 => Moment::Opened,
            1 => Moment::Enqueued,
            2 => Moment::Asked(chance.u64(1..=8)),
            3..=9 => Moment::Sent(chance.u64(1..=bytes)),
            10..=11 => Moment::Told(chance.u32(1..=3)),
            12..=15 => Moment::Changed(chance.u32(1..=200)),
            16..=17 => Moment::Filed(chance.u32(1..=3)),
            _ => Moment::Stored(chance.u32(1..=12)),
        }
    }

    /// Starts the probe, and kills it at this moment. False if it came to its end before: then
    /// everything is done.
    pub fn kills(self, scene: &mut Scene) -> bool {
        let plan = scene.plan();
        self.kills_in(scene, &plan)
    }

    /// The same, for a launch by another plan than the scene's.
    pub fn kills_in(self, scene: &mut Scene, plan: &Plan) -> bool {
        std::fs::create_dir_all(scene.files()).unwrap();
        let (sent, asked) = (scene.sent(), scene.asked());
        let folder = match self {
            Moment::Stored(_) => scene.container.clone(),
            _ => scene.files(),
        };
        let (mut app, watch) = scene.launch_watched(plan, &[&folder]);
        let line = |word| move |event: &Event| matches!(event, Event::Line(l) if l.contains(word));
        let mark = |word| move |event: &Event| matches!(event, Event::Mark(m) if m.contains(word));
        let came = match self {
            Moment::Opened => nth(&mut app, 1, line("\"open\"")),
            Moment::Enqueued => nth(&mut app, 1, line("\"enqueued\"")),
            Moment::Told(count) => nth(&mut app, count, line("\"did_complete\"")),
            Moment::Asked(count) => {
                scene.wait_or_gone(&mut app, "request", |s| s.request_count() >= asked + count)
            }
            Moment::Sent(bytes) => scene.wait_sent_or_gone(&mut app, sent + bytes),
            Moment::Changed(count) => nth(&mut app, count, mark(" ")),
            Moment::Filed(count) => nth(&mut app, count, mark("rename ")),
            Moment::Stored(count) => nth(&mut app, count, mark("modify backhaul.sqlite3")),
        };
        if came {
            app.kill();
            drop(watch);
        } else {
            let ended = app.wait();
            assert!(ended.status.success(), "{ended:?}");
            assert!(ended.said("\"done\"").is_some(), "{ended:?}");
        }
        scene.check_death();
        came
    }
}

fn nth(app: &mut Process, count: u32, wanted: impl Fn(&Event) -> bool) -> bool {
    (0..count).all(|_| app.wait_for("its moment", &wanted).is_some())
}
