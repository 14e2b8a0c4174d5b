//! What surrounds the lanes: title, axis, what goes through all of them, legend.

use super::colours as colour;
use super::draw::{Drawing, LEFT_PX, RIGHT_PX, TOP_PX, look};
use super::picture::{Doing, Mark};
use super::svg::Anchor;

/// Steps of the axis, in minutes.
const STEPS_MIN: [i64; 14] = [
    1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080,
];
/// Labels of the axis at most, but for months of time.
const LABELS: i64 = 13;
/// How wide a letter is, about, at sizes 10 and 11.
const LETTER_PX: f64 = 5.9;

impl Drawing<'_> {
    /// The title, and a line for each full step of time.
    pub fn axis(&mut self, end: f64) {
        let title = self.options.title.clone();
        self.svg
            .text(20.0, 32.0, Anchor::Start, 16, colour::INK, &title);
        let minutes = self.picture.end_ms / 60_000;
        let fitting = STEPS_MIN.iter().find(|step| minutes / **step < LABELS);
        let step = fitting.copied().unwrap_or(minutes / LABELS + 1);
        for minute in (0..=minutes).step_by(usize::try_from(step).unwrap_or(1)) {
            let x = self.x(minute * 60_000);
            self.svg.down(x, TOP_PX - 4.0, end, colour::GRID, false);
            let text = axis_text(minute, step);
            self.svg
                .text(x, end + 16.0, Anchor::Middle, 11, colour::FAINT, &text);
        }
    }

    /// Deaths, restarts and the like, as lines through all lanes. What comes too close to the one
    /// before keeps its line and loses its name.
    pub fn cuts(&mut self, end: f64) {
        let picture = self.picture;
        // Two rows of names.
        let mut taken = [f64::MIN; 2];
        let mut last_x = f64::MIN;
        for cut in &picture.cuts {
            let x = self.x(cut.at_ms);
            if x - last_x >= 0.5 || cut.is_bad {
                let tone = if cut.is_bad { colour::BAD } else { "#98a2b3" };
                self.svg.down(x, TOP_PX - 6.0, end, tone, true);
                last_x = x;
            }
            let half = cut.text.chars().count() as f64 * LETTER_PX / 2.0;
            let middle = x.clamp(half + 8.0, self.width - half - 8.0);
            if let Some(row) = taken.iter().position(|end| middle - half > *end) {
                taken[row] = middle + half + 6.0;
                let y = TOP_PX - 11.0 - 13.0 * row as f64;
                let ink = if cut.is_bad {
                    colour::BAD
                } else {
                    colour::FAINT
                };
                self.svg.text(middle, y, Anchor::Middle, 10, ink, &cut.text);
            }
        }
    }

    /// What the colours mean: only those that occur. Gives the height of the picture.
    pub fn legend(&mut self, y: f64) -> f64 {
        let (mut x, mut y) = (LEFT_PX, y);
        for (fill, name) in self.occurring() {
            let width = 26.0 + name.chars().count() as f64 * LETTER_PX + 12.0;
            if x + width > self.width - RIGHT_PX {
                x = LEFT_PX;
                y += 20.0;
            }
            match name {
                "delivered" => self.delivered(x + 8.0, y - 4.0),
                "failed" => self.failed(x + 8.0, y - 4.0, ""),
                _ => self.svg.rect(x, y - 10.0, 16.0, 12.0, fill, ""),
            }
            self.svg
                .text(x + 22.0, y, Anchor::Start, 11, colour::FAINT, name);
            x += width;
        }
        y + 20.0
    }

    fn occurring(&self) -> Vec<(&'static str, &'static str)> {
        let mut looks = vec![look(Doing::Moving)];
        let mut add = |look| {
            if !looks.contains(&look) {
                looks.push(look);
            }
        };
        let lanes = &self.picture.lanes;
        for lane in lanes {
            for stretch in &lane.track.stretches {
                add(look(stretch.what));
            }
        }
        let marks = || lanes.iter().flat_map(|lane| &lane.marks);
        if marks().any(|(_, mark)| *mark == Mark::Delivered) {
            add((colour::GOOD, "delivered"));
        }
        if marks().any(|(_, mark)| *mark != Mark::Delivered) {
            add((colour::BAD, "failed"));
        }
        if !self.picture.wakes.is_empty() {
            add((colour::WAKE, "wake"));
        }
        looks
    }
}

/// A time of day, and the day where one begins.
fn axis_text(minute: i64, step: i64) -> String {
    let (day, minute) = (minute / 1440, minute % 1440);
    if step >= 1440 || (day > 0 && minute == 0) {
        return format!("day {}", day + 1);
    }
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
