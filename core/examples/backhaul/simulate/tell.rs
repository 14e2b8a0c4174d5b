//! What happened, on standard output and in a picture.

use std::path::Path;

use backhaul::sim::{Entry, Played, PlotOptions, Profile, Scenario, ScenarioError, Trace, plot};

use super::{ProfileArg, SimulateArgs};
use crate::exit::{Exit, Failure, Outcome};
use crate::out::{Colour, Out, note};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Random days.
pub fn days(args: &SimulateArgs, day: impl FnOnce(u64, u32, Profile) -> Trace) -> Outcome {
    let (profile, name) = match args.profile {
        ProfileArg::Ios => (Profile::Ios, "ios"),
        ProfileArg::Watch => (Profile::Watch, "watch"),
        ProfileArg::Android => (Profile::Android, "android"),
    };
    let trace = day(args.seed, args.days, profile);
    let wrong: Vec<String> = trace.broken().map(ToString::to_string).collect();
    let again = format!(
        "simulate --seed {} --days {} --profile {name}",
        args.seed, args.days
    );
    let title = format!("A simulated day · {name} · seed {}", args.seed);
    let title = match args.days {
        1 => title,
        days => title.replacen("A simulated day", &format!("{days} simulated days"), 1),
    };
    // The calm days behind them would make a long and empty picture.
    let end_ms = i64::from(args.days) * DAY_MS;
    let is_drawn = |entry: &&Entry| entry.at_ms <= end_ms;
    let drawn = trace.entries().iter().filter(is_drawn).cloned().collect();
    tell(args, (&trace, &drawn), &title, &wrong, &again)
}

/// A scenario from a file.
pub fn scenario(
    args: &SimulateArgs,
    file: &Path,
    play: impl FnOnce(&Scenario) -> Result<Played, ScenarioError>,
) -> Outcome {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::usage(format!("{name}: {error}; give it a scenario's file")))?;
    let mistake = |error: ScenarioError| Failure::usage(format!("{name}: {error}"));
    let scenario = Scenario::from_json(&text).map_err(mistake)?;
    let played = play(&scenario).map_err(mistake)?;
    let wrong: Vec<String> = played.to_string().lines().map(str::to_owned).collect();
    let again = format!("simulate --scenario {name}");
    let trace = &played.trace;
    tell(args, (trace, trace), &scenario.name, &wrong, &again)
}

/// The log of one trace, and the picture of another.
fn tell(
    args: &SimulateArgs,
    (trace, drawn): (&Trace, &Trace),
    title: &str,
    wrong: &[String],
    again: &str,
) -> Outcome {
    let out = Out::new();
    for entry in trace.entries() {
        let line = if args.json {
            entry.to_json()
        } else {
            entry.to_string()
        };
        if !out.line(line) {
            break;
        }
    }
    if let Some(file) = &args.plot {
        let options = PlotOptions {
            title: title.to_owned(),
            ..PlotOptions::default()
        };
        std::fs::write(file, plot(drawn, &options))
            .map_err(|error| Failure::io(&file.display().to_string(), &error))?;
    }
    if wrong.is_empty() {
        if !args.json {
            out.line(out.paint(Colour::Green, "every promise was kept"));
        }
        return Ok(Exit::Done);
    }
    for line in wrong {
        note(line);
    }
    let count = wrong.len();
    let advice = format!("{count} not as promised; `backhaul {again}` shows it again");
    Err(Failure::new(Exit::Failed, advice))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::simulate_in;
    use backhaul::sim::What;
    use clap::{FromArgMatches, Parser};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: SimulateArgs,
    }

    fn args(words: &[&str]) -> SimulateArgs {
        let words = [&["simulate"], words].concat();
        let command = <Line as clap::CommandFactory>::command();
        let matches = command.try_get_matches_from(words).unwrap();
        SimulateArgs::from_arg_matches(&matches).unwrap()
    }

    fn no_scenario(_: &Scenario) -> Result<Played, ScenarioError> {
        unreachable!("no file was given")
    }

    fn trace(what: What) -> Trace {
        [Entry { at_ms: 5, what }].into_iter().collect()
    }

    #[test]
    fn a_day_gets_what_was_asked_for_and_is_drawn() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("day.svg");
        let words = ["--seed", "7", "--days", "2", "--profile", "watch", "--plot"];
        let args = args(&[&words[..], &[file.to_str().unwrap()]].concat());
        let day = |seed, days, profile| {
            assert_eq!((seed, days, profile), (7, 2, Profile::Watch));
            trace(What::Launched { process: 1 })
        };
        assert_eq!(simulate_in(&args, day, no_scenario).unwrap(), Exit::Done);
        let svg = std::fs::read_to_string(file).unwrap();
        assert!(svg.contains("2 simulated days · watch · seed 7"));
    }

    #[test]
    fn a_broken_promise_is_exit_code_1_and_says_how_to_see_it_again() {
        let broken = |_, _, _| {
            trace(What::Broken {
                rule: "D4",
                text: "lost".to_owned(),
            })
        };
        let failure = simulate_in(&args(&["--seed", "9"]), broken, no_scenario).unwrap_err();
        assert_eq!(failure.exit, Exit::Failed);
        assert!(failure.to_string().contains("--seed 9"), "{failure}");
    }

    #[test]
    fn a_scenario_with_a_mistake_says_where() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.json");
        std::fs::write(&file, "{\"name\":\"x\",\n\"step\":[]}").unwrap();
        let args = args(&["--scenario", file.to_str().unwrap()]);
        let no_day = |_, _, _| unreachable!("a file was given");
        let failure = simulate_in(&args, no_day, no_scenario).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.to_string().contains("line 2"), "{failure}");
    }

    #[test]
    fn what_a_scenario_expected_in_vain_is_exit_code_1() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.json");
        std::fs::write(&file, r#"{"name":"x","steps":["kill"]}"#).unwrap();
        let args = args(&["--scenario", file.to_str().unwrap(), "--json"]);
        let play = |scenario: &Scenario| {
            Ok(Played {
                trace: Trace::default(),
                unmet: vec![backhaul::sim::Unmet {
                    place: scenario.name.clone(),
                    text: "no".to_owned(),
                }],
            })
        };
        let no_day = |_, _, _| unreachable!("a file was given");
        let failure = simulate_in(&args, no_day, play).unwrap_err();
        assert_eq!(failure.exit, Exit::Failed);
    }
}
