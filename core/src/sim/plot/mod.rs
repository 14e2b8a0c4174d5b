//! A trace as a picture: a timeline that explains deferral at a glance.
//!
//! One lane for each task, with what it waited for; below them the app, the network, the power and the
//! wakes that the platform lent; deaths and restarts go through all of them. It must never say more
//! than the trace, nor depend on anything else: one trace gives the same bytes.

mod colours;
mod draw;
mod frame;
mod picture;
mod svg;

use draw::Drawing;
use picture::Picture;

use super::Trace;

/// How a plot looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlotOptions {
    /// Above the picture.
    pub title: String,
    /// How wide it is. At least 600.
    pub width_px: u32,
    /// Tasks that get a lane; of the others only the number is said.
    pub tasks: usize,
}

impl Default for PlotOptions {
    fn default() -> PlotOptions {
        PlotOptions {
            title: "Backhaul".to_owned(),
            width_px: 1100,
            tasks: 24,
        }
    }
}

/// Draws a trace as SVG: a file of its own, with its own background and without foreign fonts.
///
/// ```
/// use backhaul::sim::{PlotOptions, Trace, plot};
/// assert!(plot(&Trace::default(), &PlotOptions::default()).starts_with("<svg"));
/// ```
#[must_use]
pub fn plot(trace: &Trace, options: &PlotOptions) -> String {
    let picture = Picture::of(trace, options.tasks);
    Drawing::new(&picture, options).draw()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conditions::{AppState, Network, SystemConditions};
    use crate::sim::{Entry, What};
    use crate::task_state::WaitReason;

    const MINUTE_MS: i64 = 60_000;

    fn created(task: i64, url: &str) -> What {
        What::Created {
            session: "app".to_owned(),
            task,
            url: url.to_owned(),
        }
    }

    fn waiting(task: i64, reason: WaitReason) -> What {
        What::Waiting {
            session: "app".to_owned(),
            task,
            reason,
        }
    }

    fn started(task: i64) -> What {
        What::Started {
            session: "app".to_owned(),
            task,
            attempt: 1,
        }
    }

    fn stopped(task: i64, how: &'static str) -> What {
        What::Stopped {
            session: "app".to_owned(),
            task,
            attempt: 1,
            how,
            received: 0,
        }
    }

    fn delivered(task: i64, error: Option<&str>) -> What {
        What::Delivered {
            session: "app".to_owned(),
            task,
            sequence: 1,
            error: error.map(str::to_owned),
        }
    }

    fn conditions(network: Network, charging: bool) -> What {
        What::Conditions {
            conditions: SystemConditions {
                network,
                charging,
                expensive: network == Network::Cellular,
                low_power: !charging && network == Network::None,
                ..SystemConditions::default()
            },
        }
    }

    /// A day with something of everything.
    fn day() -> Trace {
        use WaitReason::*;
        let app = |state| What::App { state };
        let lent = |ticket| What::WakeLent {
            ticket,
            limit_ms: 25_000,
        };
        let back = |ticket| What::WakeCompleted { ticket };
        let ended = |process, how| What::Ended { process, how };
        let host = "https://maps.example/";
        let events = vec![
            (0, What::Launched { process: 1 }),
            (0, app(AppState::Active)),
            (0, conditions(Network::Wifi, false)),
            (5, created(1, &format!("{host}alps.mbtiles"))),
            (5, started(1)),
            (
                6,
                created(2, &format!("{host}offline/atlas<&>\".zip?key=secret")),
            ),
            (6, waiting(2, Discretionary)),
            (7, created(3, &format!("{host}index.json"))),
            (7, started(3)),
            (9, stopped(3, "finished")),
            (9, delivered(3, None)),
            (10, created(4, &format!("{host}names.db"))),
            (10, waiting(4, Dependency)),
            (30, app(AppState::Background)),
            (45, conditions(Network::None, false)),
            (45, stopped(1, "stopped")),
            (45, waiting(1, Connectivity)),
            (90, ended(1, "killed")),
            (200, conditions(Network::Cellular, false)),
            (230, lent(1)),
            (230, What::Launched { process: 2 }),
            (230, app(AppState::Background)),
            (230, waiting(1, CellularNotAllowed)),
            (240, back(1)),
            (380, conditions(Network::Wifi, false)),
            (381, started(1)),
            (420, stopped(1, "failed")),
            (420, waiting(1, RetryBackoff)),
            (440, started(1)),
            (520, stopped(1, "finished")),
            (521, started(4)),
            (560, What::Rebooted),
            (560, ended(2, "crashed")),
            (560, stopped(4, "killed")),
            (660, What::ClockSet { by_ms: -3_600_000 }),
            (700, lent(2)),
            (700, What::Launched { process: 3 }),
            (700, app(AppState::Background)),
            (701, started(4)),
            (730, stopped(4, "finished")),
            (731, back(2)),
            (900, app(AppState::Active)),
            (900, delivered(1, None)),
            (900, delivered(4, None)),
            (910, created(5, &format!("{host}gone.bin"))),
            (910, started(5)),
            (912, stopped(5, "failed")),
            (912, delivered(5, Some("http_status"))),
            (930, app(AppState::Background)),
            (1320, conditions(Network::Wifi, true)),
            (1321, started(2)),
            (1400, stopped(2, "finished")),
            (1401, lent(3)),
            (1402, delivered(2, None)),
            (1403, back(3)),
            (
                1440,
                What::Said {
                    text: "night".to_owned(),
                },
            ),
        ];
        let entry = |(minute, what)| Entry {
            at_ms: minute * MINUTE_MS,
            what,
        };
        events.into_iter().map(entry).collect()
    }

    #[test]
    fn a_day_is_drawn_with_what_occurred_and_no_more() {
        let svg = plot(&day(), &PlotOptions::default());
        if let Some(file) = std::env::var_os("PLOT_TO") {
            std::fs::write(file, &svg).unwrap();
        }
        for text in [
            "discretionary",
            "connectivity",
            "cellular_not_allowed",
            "killed",
            "rebooted",
            "index.json",
            "12:00",
        ] {
            assert!(svg.contains(text), "{text}");
        }
        assert!(!svg.contains("thermal"), "the legend has only what occurs");
        assert_eq!(svg, plot(&day(), &PlotOptions::default()), "the same again");
    }

    #[test]
    fn text_is_escaped_and_queries_stay_out() {
        let svg = plot(
            &day(),
            &PlotOptions {
                title: "<script>&".to_owned(),
                ..PlotOptions::default()
            },
        );
        assert!(svg.contains("&lt;script&gt;&amp;") && !svg.contains("<script>"));
        assert!(svg.contains("atlas&lt;&amp;&gt;&quot;.zip") && !svg.contains("secret"));
    }

    #[test]
    fn tasks_without_a_lane_are_counted() {
        let options = PlotOptions {
            tasks: 2,
            ..PlotOptions::default()
        };
        let svg = plot(&day(), &options);
        assert!(svg.contains("and 3 more"));
        assert!(!svg.contains("names.db"));
    }

    #[test]
    fn a_long_restless_trace_makes_no_endless_picture() {
        let mut events = vec![created(1, "https://h/a")];
        for _ in 0..50_000 {
            events.push(started(1));
            events.push(waiting(1, WaitReason::RetryBackoff));
        }
        let entry = |(n, what)| Entry {
            at_ms: n as i64 * 1000,
            what,
        };
        let trace: Trace = events.into_iter().enumerate().map(entry).collect();
        let svg = plot(&trace, &PlotOptions::default());
        assert!(svg.len() < 1 << 20, "{}", svg.len());
    }
}
