//! What follows every plan: all goes well, and whatever was asked for must end.

use std::time::Duration;

use super::plan::HOSTS;
use crate::conditions::{AppState, Network, StandbyBucket, ThermalState};
use crate::sim::scenario::{
    DiskStep, NetworkStep, PowerStep, Scenario, ServerFault, ServerStep, Size, Span, Step,
};

/// Longer than the longest deadline.
const CALM: Duration = Duration::from_secs(9 * 24 * 60 * 60);
/// And then the app is opened once more.
const LAST_LOOK: Duration = Duration::from_secs(60 * 60);

/// The steps of calm days after a plan.
pub(super) fn calm_days(scenario: &Scenario) -> Vec<Step> {
    let well_again = HOSTS.map(|host| {
        Step::Server(ServerStep {
            host: host.to_owned(),
            fault: ServerFault::None,
            times: None,
        })
    });
    let mut wifi = NetworkStep::new(Network::Wifi);
    wifi.rate = Some(Size::from(2_000_000));
    let mut steps = well_again.to_vec();
    steps.extend([
        Step::Network(wifi),
        Step::Power(PowerStep {
            charging: true,
            battery_percent: Some(100),
        }),
        Step::LowPower(false),
        Step::Thermal(ThermalState::Nominal),
        Step::DataSaver(false),
        Step::StandbyBucket(StandbyBucket::Active),
        Step::StorageLow(false),
        Step::Locked(false),
        Step::Disk(DiskStep {
            free: Size::from(100_000_000_000),
        }),
        Step::Launch,
        Step::App(AppState::Active),
    ]);
    // What the plan has paused goes on.
    steps.extend(scenario.steps.iter().filter_map(|step| match step {
        Step::Suspend(task) => Some(Step::Resume(task.clone())),
        _ => None,
    }));
    steps.extend([
        Step::Advance(Span::from(CALM)),
        Step::App(AppState::Active),
        Step::Advance(Span::from(LAST_LOOK)),
    ]);
    steps
}
