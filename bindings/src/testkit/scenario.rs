//! Scenarios: the stories of `docs/scenarios.md`, played through another language's API.

use std::sync::Arc;

use backhaul::sim::{Scenario, ScenarioError};

use super::guard::guarded;
use super::scenario_app::{HostApp, ScenarioHost};
use crate::error::{BackhaulError, Result};

/// How a scenario went.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ScenarioOutcome {
    /// Its name.
    pub name: String,
    /// Everything was as expected, and no promise was broken.
    pub is_right: bool,
    /// What went wrong, a line each, with its place.
    pub report: String,
    /// Everything that happened: one JSON object a line. The same scenario gives the same bytes.
    pub log: String,
}

/// Plays a scenario on a simulated phone, on the caller's thread. The host does what the steps say that the
/// app does; without one the library's own app does it, in Rust.
///
/// # Errors
/// `invalid_request` with its place in the text: a mistake in the scenario, or a step that the phone or the
/// host did not do.
#[uniffi::export]
pub fn play_scenario(json: String, host: Option<Arc<dyn ScenarioHost>>) -> Result<ScenarioOutcome> {
    let scenario = Scenario::from_json(&json).map_err(|error| mistake(&error))?;
    let played = guarded(|| match host {
        Some(host) => scenario.play_with(Arc::new(HostApp::new(host, &scenario))),
        None => scenario.play(),
    });
    let played = played.map_err(|panic| {
        let reason = format!("a panic while the scenario was played: {panic}");
        BackhaulError::new(backhaul::ErrorKind::System, reason)
    })?;
    let played = played.map_err(|error| mistake(&error))?;
    Ok(ScenarioOutcome {
        name: scenario.name,
        is_right: played.is_right(),
        report: played.to_string(),
        log: played.trace.to_log(),
    })
}

/// A scenario's error as everybody's: its place is in the text.
pub(super) fn mistake(error: &ScenarioError) -> BackhaulError {
    BackhaulError::new(backhaul::ErrorKind::InvalidRequest, error.to_string())
}
