//! What is to be drawn, taken from the trace.

use std::collections::BTreeMap;

use crate::conditions::{AppState, SystemConditions, ThermalState};
use crate::sim::text::duration_text;
use crate::sim::{Trace, What};
use crate::task_state::WaitReason;

/// What a task does for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    Moving,
    Waiting(WaitReason),
    /// The file is there, and the app was not told.
    Arrived,
    /// The transfer died with its process.
    CutOff,
}

/// A while.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stretch<T> {
    pub from_ms: i64,
    pub to_ms: i64,
    pub what: T,
}

/// What happened to a task at a moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mark {
    Delivered,
    Failed(String),
}

/// A row of stretches that follow each other.
#[derive(Clone, Debug)]
pub(super) struct Track<T> {
    pub stretches: Vec<Stretch<T>>,
    open: Option<(i64, T)>,
}

/// One task.
#[derive(Debug)]
pub(super) struct Lane {
    pub label: String,
    pub track: Track<Doing>,
    pub marks: Vec<(i64, Mark)>,
}

/// What goes through all lanes.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    pub at_ms: i64,
    pub text: String,
    pub is_bad: bool,
}

/// Everything that is drawn.
#[derive(Default)]
pub(super) struct Picture {
    pub lanes: Vec<Lane>,
    /// Tasks without a lane.
    pub more: usize,
    pub app: Track<AppState>,
    pub network: Track<String>,
    pub power: Track<String>,
    pub wakes: Vec<Stretch<u64>>,
    pub cuts: Vec<Cut>,
    pub end_ms: i64,
    open_wakes: BTreeMap<u64, i64>,
    places: BTreeMap<(String, i64), usize>,
}

impl<T> Default for Track<T> {
    fn default() -> Track<T> {
        Track {
            stretches: Vec::new(),
            open: None,
        }
    }
}

impl<T: PartialEq> Track<T> {
    /// From now on it is this, or nothing.
    fn turn(&mut self, at_ms: i64, what: Option<T>) {
        if let Some((from_ms, was)) = self.open.take() {
            if what.as_ref() == Some(&was) {
                self.open = Some((from_ms, was));
                return;
            }
            if at_ms > from_ms {
                self.stretches.push(Stretch {
                    from_ms,
                    to_ms: at_ms,
                    what: was,
                });
            }
        }
        self.open = what.map(|what| (at_ms, what));
    }

    fn is_now(&self, what: &T) -> bool {
        self.open.as_ref().is_some_and(|(_, now)| now == what)
    }
}

impl Picture {
    pub fn of(trace: &Trace, lanes_limit: usize) -> Picture {
        let mut picture = Picture::default();
        for entry in trace.entries() {
            picture.end_ms = picture.end_ms.max(entry.at_ms);
            picture.add(entry.at_ms, &entry.what, lanes_limit);
        }
        // An empty picture has an axis too.
        picture.end_ms = picture.end_ms.max(60_000);
        picture.close();
        picture
    }

    fn close(&mut self) {
        let end_ms = self.end_ms;
        for lane in &mut self.lanes {
            lane.track.turn(end_ms, None);
        }
        self.app.turn(end_ms, None);
        self.network.turn(end_ms, None);
        self.power.turn(end_ms, None);
        for (ticket, from_ms) in std::mem::take(&mut self.open_wakes) {
            self.wakes.push(Stretch {
                from_ms,
                to_ms: end_ms,
                what: ticket,
            });
        }
    }

    fn add(&mut self, at_ms: i64, what: &What, lanes_limit: usize) {
        match what {
            What::Created { session, task, url } => self.create(session, *task, url, lanes_limit),
            What::Started { session, task, .. } => self.turn(at_ms, session, *task, Doing::Moving),
            What::Waiting {
                session,
                task,
                reason,
            } => self.turn(at_ms, session, *task, Doing::Waiting(*reason)),
            What::Stopped {
                session, task, how, ..
            } => self.stop(at_ms, session, *task, how),
            What::Delivered {
                session,
                task,
                error,
                ..
            } => self.deliver(at_ms, session, *task, error.as_deref()),
            What::WakeLent { ticket, .. } => {
                self.open_wakes.insert(*ticket, at_ms);
            }
            What::WakeCompleted { ticket } => {
                if let Some(from_ms) = self.open_wakes.remove(ticket) {
                    self.wakes.push(Stretch {
                        from_ms,
                        to_ms: at_ms,
                        what: *ticket,
                    });
                }
            }
            What::Launched { .. } => self.app.turn(at_ms, Some(AppState::Background)),
            What::App { state } => self.app.turn(at_ms, Some(*state)),
            What::Conditions { conditions } => {
                self.network.turn(at_ms, Some(network_text(conditions)));
                self.power.turn(at_ms, Some(power_text(conditions)));
            }
            what => self.cut(at_ms, what),
        }
    }

    fn create(&mut self, session: &str, task: i64, url: &str, lanes_limit: usize) {
        if self.lanes.len() >= lanes_limit {
            self.more += 1;
            return;
        }
        self.places
            .insert((session.to_owned(), task), self.lanes.len());
        self.lanes.push(Lane {
            label: label_of(url),
            track: Track::default(),
            marks: Vec::new(),
        });
    }

    fn lane(&mut self, session: &str, task: i64) -> Option<&mut Lane> {
        let place = self.places.get(&(session.to_owned(), task))?;
        self.lanes.get_mut(*place)
    }

    fn turn(&mut self, at_ms: i64, session: &str, task: i64, doing: Doing) {
        if let Some(lane) = self.lane(session, task) {
            lane.track.turn(at_ms, Some(doing));
        }
    }

    fn stop(&mut self, at_ms: i64, session: &str, task: i64, how: &str) {
        if let Some(lane) = self.lane(session, task) {
            // Told already: the service may stop a transfer later than the app heard of its end.
            if lane.track.open.is_none() {
                return;
            }
            let next = match how {
                "finished" => Some(Doing::Arrived),
                "killed" => Some(Doing::CutOff),
                _ => None,
            };
            lane.track.turn(at_ms, next);
        }
    }

    fn deliver(&mut self, at_ms: i64, session: &str, task: i64, error: Option<&str>) {
        if let Some(lane) = self.lane(session, task) {
            lane.track.turn(at_ms, None);
            let mark = match error {
                None => Mark::Delivered,
                Some(kind) => Mark::Failed(kind.to_owned()),
            };
            lane.marks.push((at_ms, mark));
        }
    }

    fn cut(&mut self, at_ms: i64, what: &What) {
        let (text, is_bad) = match what {
            What::Ended { how, .. } => {
                self.app.turn(at_ms, Some(AppState::NotRunning));
                for lane in &mut self.lanes {
                    if lane.track.is_now(&Doing::Moving) && *how == "crashed" {
                        lane.track.turn(at_ms, Some(Doing::CutOff));
                    }
                }
                ((*how).replace('_', "-"), false)
            }
            What::PowerLost => ("power lost".to_owned(), false),
            What::Rebooted => ("rebooted".to_owned(), false),
            What::ClockSet { by_ms } => {
                let sign = if *by_ms < 0 { '−' } else { '+' };
                let by = duration_text(by_ms.unsigned_abs());
                (format!("clock {sign}{by}"), false)
            }
            What::ObjectChanged { url, version } => {
                (format!("{} v{version}", label_of(url)), false)
            }
            What::Unmet { .. } => ("not as expected".to_owned(), true),
            What::Broken { rule, .. } => (format!("broken: {rule}"), true),
            _ => return,
        };
        self.cuts.push(Cut {
            at_ms,
            text,
            is_bad,
        });
    }
}

/// The last part of a URL's path, without its query: it may be secret.
fn label_of(url: &str) -> String {
    const LIMIT: usize = 22;
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let name = path.rsplit('/').find(|part| !part.is_empty());
    let name: Vec<char> = name.unwrap_or(path).chars().collect();
    if name.len() <= LIMIT {
        return name.into_iter().collect();
    }
    let head: String = name[..LIMIT - 1].iter().collect();
    format!("{head}…")
}

fn network_text(now: &SystemConditions) -> String {
    let extras = [
        (now.captive, " · captive"),
        (now.constrained, " · constrained"),
        (now.expensive, " · expensive"),
    ];
    let extras = extras.iter().filter(|(is_so, _)| *is_so);
    extras.fold(now.network.to_string(), |text, (_, extra)| text + extra)
}

fn power_text(now: &SystemConditions) -> String {
    let mut text = if now.charging { "charging" } else { "battery" }.to_owned();
    if now.low_power {
        text.push_str(" · low power");
    }
    if now.thermal >= ThermalState::Serious {
        text.push_str(" · hot");
    }
    text
}
