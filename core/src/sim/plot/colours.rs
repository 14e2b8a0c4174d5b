//! What means what, in colour.

use crate::task_state::WaitReason;

pub(super) const PAPER: &str = "#ffffff";
pub(super) const FRAME: &str = "#d5dae1";
pub(super) const GRID: &str = "#e9ecf1";
pub(super) const INK: &str = "#1f2733";
pub(super) const FAINT: &str = "#667085";
/// Bytes move.
pub(super) const MOVING: &str = "#2463eb";
/// The file is there and the app was not told.
pub(super) const ARRIVED: &str = "#a7e3bd";
/// The transfer died with its process.
pub(super) const CUT_OFF: &str = "#cfd5de";
/// No process lives.
pub(super) const DEAD: &str = "#f1f3f6";
pub(super) const GOOD: &str = "#15803d";
pub(super) const BAD: &str = "#d92d20";
pub(super) const WAKE: &str = "#7c3aed";

/// Light tones: of one family for what has one cause.
pub(super) fn of_reason(reason: WaitReason) -> &'static str {
    match reason {
        WaitReason::Suspended => "#eceff3",
        // The network: oranges.
        WaitReason::Connectivity => "#ffd8a8",
        WaitReason::CellularNotAllowed => "#ffe3c2",
        WaitReason::ExpensiveNotAllowed => "#ffecb3",
        WaitReason::ConstrainedNotAllowed => "#fff3cf",
        // Power and comfort: violets, and red for heat.
        WaitReason::Discretionary => "#e2dafc",
        WaitReason::LowPower => "#f5e6a1",
        WaitReason::Thermal => "#fccfc7",
        WaitReason::Storage => "#e6d5c3",
        WaitReason::ProtectedData => "#d3d8fb",
        // Times: pinks and blues.
        WaitReason::EarliestBeginDate => "#d4e6fb",
        WaitReason::RetryBackoff => "#fbd5e5",
        WaitReason::RetryAfter => "#f3d3f5",
        WaitReason::LaunchRateLimit => "#c9eef2",
        WaitReason::WakeBudget => "#b9e6ea",
        // Others: greys and greens.
        WaitReason::HostLimit => "#e1e5ea",
        WaitReason::GroupLimit => "#dbe0e6",
        WaitReason::SessionLimit => "#d5dbe2",
        WaitReason::Authentication => "#fbc4cd",
        WaitReason::Dependency => "#dff0c2",
    }
}
