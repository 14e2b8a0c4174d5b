//! Runs a chain of commands and measures it as a whole: time, processor time, memory.
//!
//! Times come from bash's `time`, which is the kernel's own account of all processes of the chain, to
//! the millisecond, and leaves bash's own start out. Memory is asked for while they run.

use crate::Failure;
use crate::process::{Owned, children, kill_started, peak_rss_bytes};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// No chain may take longer.
const LIMIT: Duration = Duration::from_secs(180);
/// Between two looks at the memory. The peak is the kernel's and only grows: just what a process takes
/// in its last moment is missed.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Of what a failed command said, this much is shown.
const SHOWN_CHARS: usize = 400;

/// What a chain took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// From start to end.
    pub wall_s: f64,
    /// User and system time of all processes.
    pub cpu_s: f64,
    /// Of the process that had most.
    pub peak_rss_mb: f64,
}

/// Runs the commands one after the other, in `place`, which also gets their output. Fails if one of
/// them fails.
pub fn measure(commands: &[Vec<String>], place: &Path) -> Result<Sample, Failure> {
    let (times, errors) = (place.join("times"), place.join("errors"));
    let chain: Vec<String> = commands.iter().map(|words| quoted(words)).collect();
    let chain = chain.join(" && ");
    let script =
        format!("TIMEFORMAT='%3R %3U %3S'; {{ time {{ {chain}; }} >output 2>errors; }} 2>times");
    let started = Command::new("bash")
        .args(["-c", &script])
        .current_dir(place)
        .stdin(Stdio::null())
        .spawn()?;
    let mut bash = Owned(started);
    let began = Instant::now();
    let mut peak_rss_bytes = 0;
    let status = loop {
        peak_rss_bytes = peak_rss_bytes.max(peak_of_children(bash.0.id()));
        if let Some(status) = bash.0.try_wait()? {
            break status;
        }
        if began.elapsed() > LIMIT {
            children(bash.0.id()).into_iter().for_each(kill_started);
            return Err(format!("over its limit of {} s: {chain}", LIMIT.as_secs()).into());
        }
        std::thread::sleep(LOOK_EVERY);
    };
    if !status.success() {
        let said = fs::read_to_string(errors)?;
        let said: String = said.chars().take(SHOWN_CHARS).collect();
        return Err(format!("{status}: {chain}: {said}").into());
    }
    let (wall_s, cpu_s) = parse_times(&fs::read_to_string(times)?)?;
    Ok(Sample {
        wall_s,
        cpu_s,
        peak_rss_mb: peak_rss_bytes as f64 / 1e6,
    })
}

fn peak_of_children(pid: u32) -> u64 {
    let peaks = children(pid).into_iter().filter_map(peak_rss_bytes);
    peaks.max().unwrap_or(0)
}

fn parse_times(text: &str) -> Result<(f64, f64), Failure> {
    let numbers: Vec<f64> = text
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    match numbers[..] {
        [wall, user, system] => Ok((wall, user + system)),
        _ => Err(format!("bash's times are not understood: {text}").into()),
    }
}

fn quoted(words: &[String]) -> String {
    let words: Vec<String> = words
        .iter()
        .map(|word| format!("'{}'", word.replace('\'', r"'\''")))
        .collect();
    words.join(" ")
}

/// Waits until what was written in the file system of `folder` is on its disk: nobody shall pay for
/// who ran before.
pub fn settle(folder: &Path) -> Result<(), Failure> {
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn a_chain_is_measured_as_a_whole() {
        let place = tempfile::tempdir().unwrap();
        let chain = [words(&["sleep", "0.1"]), words(&["sleep", "0.2"])];
        let sample = measure(&chain, place.path()).unwrap();
        assert!((0.3..10.0).contains(&sample.wall_s), "{sample:?}");
        assert!(sample.cpu_s < 0.3, "{sample:?}");
        assert!(sample.peak_rss_mb > 0.1, "{sample:?}");
    }

    #[test]
    fn a_chain_with_a_failure_says_which_and_what() {
        let place = tempfile::tempdir().unwrap();
        let chain = [words(&["true"]), words(&["ls", "it's not there"])];
        let error = measure(&chain, place.path()).unwrap_err().to_string();
        assert!(error.contains("it's not there"), "{error}");
    }

    #[test]
    fn times_are_three_numbers() {
        assert_eq!(parse_times("1.500 0.250 0.125\n").unwrap(), (1.5, 0.375));
        assert!(parse_times("1.5 2").is_err());
        assert!(parse_times("").is_err());
    }
}
