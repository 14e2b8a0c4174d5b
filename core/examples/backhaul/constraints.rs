//! When a file may be fetched: the flags of `get` and `enqueue` that become part of a request.

use std::time::SystemTime;

use backhaul::{Request, TaskId};
use clap::Args;

use crate::units;

/// The heading of these flags in the help.
const HEADING: &str = "When it may run (for files that are queued by this command)";

/// What must hold before a file is fetched.
#[derive(Args, Clone, Debug, Default)]
pub struct ConstraintArgs {
    /// Not over a mobile network
    #[arg(long, help_heading = HEADING)]
    pub no_cellular: bool,
    /// Not over a network that costs money by volume
    #[arg(long, help_heading = HEADING)]
    pub no_expensive: bool,
    /// Not while the user asks for little traffic (Low Data Mode)
    #[arg(long, help_heading = HEADING)]
    pub no_constrained: bool,
    /// It is not urgent: prefer a charger and an unmetered network
    #[arg(long, help_heading = HEADING)]
    pub discretionary: bool,
    /// Not before a time: 2027-01-31T06:00:00Z, or from now: 90s, 2h
    #[arg(long, help_heading = HEADING, value_name = "WHEN", value_parser = units::moment)]
    pub earliest: Option<SystemTime>,
    /// About how large each file is, such as 500k or 2M; a hint, never a check
    #[arg(long, help_heading = HEADING, value_name = "N", value_parser = units::bytes)]
    pub expect_bytes: Option<u64>,
    /// Not before this task has succeeded, as `list` shows it; several with commas
    #[arg(long, help_heading = HEADING, value_name = "ID", value_delimiter = ',')]
    pub after: Vec<TaskId>,
}

impl ConstraintArgs {
    /// The request, with what was asked for. What was not said is left to the session.
    pub fn put_on(&self, mut request: Request) -> Request {
        if self.no_cellular {
            request = request.allows_cellular_access(false);
        }
        if self.no_expensive {
            request = request.allows_expensive_network_access(false);
        }
        if self.no_constrained {
            request = request.allows_constrained_network_access(false);
        }
        if self.discretionary {
            request = request.is_discretionary(true);
        }
        if let Some(earliest) = self.earliest {
            request = request.earliest_begin_date(earliest);
        }
        if let Some(bytes) = self.expect_bytes {
            request = request.count_of_bytes_client_expects_to_receive(bytes);
        }
        self.after
            .iter()
            .fold(request, |request, id| request.after(*id))
    }
}
