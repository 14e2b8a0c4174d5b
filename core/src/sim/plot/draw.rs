//! The lanes.

use super::PlotOptions;
use super::colours as colour;
use super::picture::{Doing, Lane, Mark, Picture, Stretch, Track};
use super::svg::{Anchor, Svg};
use crate::conditions::AppState;

pub(super) const LEFT_PX: f64 = 168.0;
pub(super) const RIGHT_PX: f64 = 24.0;
pub(super) const TOP_PX: f64 = 78.0;
const LANE_PX: f64 = 27.0;
const BAR_PX: f64 = 17.0;
/// Between the tasks and what is below them.
const GAP_PX: f64 = 14.0;
/// What is shorter than this can be seen nevertheless.
const LEAST_PX: f64 = 2.5;
/// Half of what a badge takes.
const BADGE_PX: f64 = 9.5;
/// How wide a letter is, about, at size 10.
const LETTER_PX: f64 = 5.9;

pub(super) struct Drawing<'a> {
    pub picture: &'a Picture,
    pub options: &'a PlotOptions,
    pub svg: Svg,
    pub width: f64,
}

impl<'a> Drawing<'a> {
    pub fn new(picture: &'a Picture, options: &'a PlotOptions) -> Drawing<'a> {
        Drawing {
            picture,
            options,
            svg: Svg::default(),
            width: f64::from(options.width_px.max(600)),
        }
    }

    pub fn draw(mut self) -> String {
        let tasks_end = self.tasks_end();
        let end = tasks_end + GAP_PX + 4.0 * LANE_PX;
        self.dead(end);
        self.axis(end);
        self.cuts(end);
        self.tasks();
        self.conditions(tasks_end + GAP_PX);
        let height = self.legend(end + 40.0);
        let (title, width) = (&self.options.title, self.width);
        self.svg
            .finish(width, height, title, colour::PAPER, colour::FRAME)
    }

    /// Where a moment is.
    pub fn x(&self, at_ms: i64) -> f64 {
        let share = at_ms as f64 / self.picture.end_ms as f64;
        LEFT_PX + share * (self.width - LEFT_PX - RIGHT_PX)
    }

    fn tasks_end(&self) -> f64 {
        let more = usize::from(self.picture.more > 0);
        TOP_PX + LANE_PX * (self.picture.lanes.len() + more) as f64
    }

    /// Behind everything: no process lives.
    fn dead(&mut self, end: f64) {
        let mut fold = Fold::default();
        for stretch in &self.picture.app.stretches {
            if stretch.what == AppState::NotRunning {
                let (x, width) = self.place(stretch);
                if fold.takes(x, width) {
                    self.svg
                        .rect(x, TOP_PX - 4.0, width, end - TOP_PX + 4.0, colour::DEAD, "");
                }
            }
        }
    }

    fn tasks(&mut self) {
        let picture = self.picture;
        for (index, lane) in picture.lanes.iter().enumerate() {
            let y = TOP_PX + LANE_PX * index as f64;
            self.label(y, &lane.label, colour::INK);
            self.task(y, lane);
        }
        if picture.more > 0 {
            let y = TOP_PX + LANE_PX * picture.lanes.len() as f64;
            let text = format!("and {} more", picture.more);
            self.label(y, &text, colour::FAINT);
        }
    }

    fn task(&mut self, y: f64, lane: &Lane) {
        // Waits first: short transfers lie on top of them.
        for is_moving in [false, true] {
            let mut fold = Fold::default();
            for stretch in &lane.track.stretches {
                if (stretch.what == Doing::Moving) == is_moving {
                    let (fill, name) = look(stretch.what);
                    let wanted = if is_moving { "" } else { name };
                    self.bar(y, stretch, fill, wanted, name, &mut fold);
                }
            }
        }
        for (at_ms, mark) in &lane.marks {
            // It begins at its moment, so that a transfer of seconds can be seen beside it.
            let x = (self.x(*at_ms) + BADGE_PX).min(self.width - RIGHT_PX);
            let y = y + BAR_PX / 2.0;
            match mark {
                Mark::Delivered => self.delivered(x, y),
                Mark::Failed(kind) => self.failed(x, y, kind),
            }
        }
    }

    pub fn delivered(&mut self, x: f64, y: f64) {
        let says = "the app was told of the file";
        self.svg
            .badge(x, y, colour::GOOD, "M-2.8 0.2L-0.8 2.4L2.9 -2", says);
    }

    pub fn failed(&mut self, x: f64, y: f64, kind: &str) {
        self.svg.badge(
            x,
            y,
            colour::BAD,
            "M-2.2 -2.2L2.2 2.2M2.2 -2.2L-2.2 2.2",
            kind,
        );
    }

    fn conditions(&mut self, y: f64) {
        let picture = self.picture;
        self.svg.across(
            y - GAP_PX / 2.0 - 3.0,
            14.0,
            self.width - RIGHT_PX,
            colour::FRAME,
        );
        self.track(y, "app", &picture.app, |state| match state {
            AppState::Active => ("#334155", "active"),
            AppState::Frontmost => ("#64748b", "frontmost"),
            AppState::Background => ("#cbd5e1", "background"),
            AppState::Suspended => ("#e2e8f0", "suspended"),
            AppState::NotRunning => (colour::DEAD, "not running"),
        });
        self.track(y + LANE_PX, "network", &picture.network, |text| {
            let fill = match text.split(' ').next() {
                Some("none") => "#ffd8a8",
                Some("cellular") => "#d7ecc9",
                _ if text.contains("captive") => "#ffd8a8",
                _ => "#bfe3cf",
            };
            (fill, text.as_str())
        });
        self.track(y + 2.0 * LANE_PX, "power", &picture.power, |text| {
            let fill = match text.as_str() {
                "charging" => "#fde58a",
                "battery" => "#eef0f4",
                _ => "#f5d9a1",
            };
            (fill, text.as_str())
        });
        let y = y + 3.0 * LANE_PX;
        self.label(y, "wakes", colour::FAINT);
        let mut fold = Fold::default();
        for wake in &picture.wakes {
            let says = format!("wake {}", wake.what);
            self.bar(y, wake, colour::WAKE, "", &says, &mut fold);
        }
    }

    fn track<T>(
        &mut self,
        y: f64,
        label: &str,
        track: &Track<T>,
        look: impl Fn(&T) -> (&'static str, &str),
    ) {
        self.label(y, label, colour::FAINT);
        let mut fold = Fold::default();
        for stretch in &track.stretches {
            let (fill, name) = look(&stretch.what);
            self.bar(y, stretch, fill, name, name, &mut fold);
        }
    }

    fn label(&mut self, y: f64, text: &str, fill: &str) {
        let y = y + BAR_PX / 2.0 + 4.0;
        self.svg
            .text(LEFT_PX - 14.0, y, Anchor::End, 12, fill, text);
    }

    fn place<T>(&self, stretch: &Stretch<T>) -> (f64, f64) {
        let (from, to) = (self.x(stretch.from_ms), self.x(stretch.to_ms));
        (from, (to - from).max(LEAST_PX))
    }

    /// A bar, with its name in it if there is room.
    fn bar<T>(
        &mut self,
        y: f64,
        stretch: &Stretch<T>,
        fill: &str,
        name: &str,
        says: &str,
        fold: &mut Fold,
    ) {
        let (x, width) = self.place(stretch);
        if !fold.takes(x, width) {
            return;
        }
        self.svg.rect(x, y, width, BAR_PX, fill, says);
        let room = width - 10.0;
        if !name.is_empty() && name.chars().count() as f64 * LETTER_PX <= room {
            let ink = match fill {
                "#334155" | "#64748b" => "#ffffff",
                _ => "#3b4656",
            };
            self.svg
                .text(x + 5.0, y + 12.0, Anchor::Start, 10, ink, name);
        }
    }
}

/// What a task's stretch looks like, and what it is called.
pub(super) fn look(doing: Doing) -> (&'static str, &'static str) {
    match doing {
        Doing::Moving => (colour::MOVING, "transferring"),
        Doing::Waiting(reason) => (colour::of_reason(reason), reason.as_str()),
        Doing::Arrived => (colour::ARRIVED, "arrived, not yet told"),
        Doing::CutOff => (colour::CUT_OFF, "cut off"),
    }
}

/// Leaves out bars that would lie within what the one before covers, so that a restless trace makes
/// no endless file.
#[derive(Default)]
struct Fold {
    end: f64,
}

impl Fold {
    fn takes(&mut self, x: f64, width: f64) -> bool {
        const VISIBLE_PX: f64 = 0.5;
        if x + width < self.end + VISIBLE_PX {
            return false;
        }
        self.end = x + width;
        true
    }
}
