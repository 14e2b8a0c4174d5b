//! What happens to a phone, as the steps of a scenario say it.

use super::Phone;
use crate::conditions::{AppState, SystemConditions};
use crate::error::{Error, ErrorKind, Result};
use crate::sim::scenario::{
    DiskError, DiskFaultStep, NetworkStep, ObjectSetup, RangeSupport, ServerFault, ServerStep,
    Step, Validator,
};
use crate::sim::{Captive, DiskFault, Fault, Object, Ranges, RetryAfter, Validators};

impl Phone {
    /// Lets a step happen: to the device, the network, a server, or the app's process.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] for a step that is not for the phone: what the app does, and what is
    /// expected.
    pub fn perform(&self, step: &Step) -> Result<()> {
        match step {
            Step::App(AppState::Active) | Step::Launch => self.open(),
            Step::App(AppState::Frontmost) => self.frontmost(),
            Step::App(_) => self.background(),
            Step::Kill => self.kill(),
            Step::KillAfterActs(acts) => self.kill_after(*acts),
            Step::ForceQuit => self.force_quit(),
            Step::Reboot => self.reboot(),
            Step::LosePower => self.lose_power(),
            Step::Clock(shift) => self.jump(shift.ms()),
            Step::Advance(span) => self.advance(span.duration()),
            Step::Network(network) => self.change_network(*network),
            Step::Object(object) => self.put_object(object),
            Step::Server(server) => self.change_server(server),
            Step::Disk(disk) => self.free_disk(disk.free.bytes()),
            Step::DiskFault(fault) => self.fail_disk(*fault),
            Step::Say(text) => self.say(text.clone()),
            Step::Power(_)
            | Step::Thermal(_)
            | Step::LowPower(_)
            | Step::StorageLow(_)
            | Step::DataSaver(_)
            | Step::StandbyBucket(_)
            | Step::Locked(_) => self.set_conditions(|now| change(now, step)),
            Step::Enqueue(_)
            | Step::Plan(_)
            | Step::Resume(_)
            | Step::Suspend(_)
            | Step::Cancel(_)
            | Step::Expect(_)
            | Step::AdvanceUntil(_) => {
                let text = format!(
                    "`{}` is not for the phone: use the app's session, and look at what became of it",
                    step.name()
                );
                return Err(Error::new(ErrorKind::InvalidRequest, text));
            }
        }
        Ok(())
    }

    fn change_network(&self, network: NetworkStep) {
        self.net().captive(match network {
            NetworkStep {
                captive_unnoticed: true,
                ..
            } => Captive::Everything,
            NetworkStep { captive: true, .. } => Captive::Plain,
            _ => Captive::No,
        });
        if let Some(rate) = network.rate {
            self.net().bytes_per_second(rate.bytes());
        }
        self.set_conditions(|now| {
            now.network = network.kind;
            now.expensive = network.expensive;
            now.constrained = network.constrained;
            now.captive = network.captive;
        });
    }

    pub(super) fn put_object(&self, object: &ObjectSetup) {
        let net = self.net();
        if net.content(&object.url).is_some() {
            net.resize(&object.url, object.size.bytes());
            return;
        }
        let validators = match object.validator {
            Validator::Strong => Validators::Strong,
            Validator::Weak => Validators::Weak,
            Validator::LastModified => Validators::LastModified,
            Validator::None => Validators::None,
            Validator::Fickle => Validators::Fickle,
        };
        let ranges = match object.ranges {
            RangeSupport::Honoured => Ranges::Honoured,
            RangeSupport::Ignored => Ranges::Ignored,
            RangeSupport::NotIfRange => Ranges::NotIfRange,
            RangeSupport::Unchecked => Ranges::Unchecked,
        };
        let there = Object::new(object.size.bytes())
            .validators(validators)
            .ranges(ranges)
            .repr_digest(object.digest);
        net.serve(&object.url, there);
    }

    fn change_server(&self, server: &ServerStep) {
        let net = self.net();
        net.clear_faults(&server.host);
        let fault = match &server.fault {
            ServerFault::None => return,
            ServerFault::Down => Fault::Refused,
            ServerFault::Status { code, retry_after } => Fault::Status {
                status: *code,
                retry_after: retry_after.map(|span| RetryAfter::Seconds(span.duration().as_secs())),
            },
            ServerFault::Unsatisfiable => Fault::Unsatisfiable,
            ServerFault::Early(bytes) => Fault::Early {
                bytes: bytes.bytes(),
            },
            ServerFault::Late(bytes) => Fault::Late {
                bytes: bytes.bytes(),
            },
            ServerFault::NoContentRange => Fault::NoContentRange,
            ServerFault::EndsAfter(bytes) => Fault::Truncated {
                after_bytes: bytes.bytes(),
            },
            ServerFault::BreaksAfter(bytes) => Fault::Reset {
                after_bytes: bytes.bytes(),
            },
            ServerFault::StallsAfter(bytes) => Fault::Stall {
                after_bytes: bytes.bytes(),
            },
        };
        match server.times {
            Some(times) => net.fault_times(&server.host, fault, times),
            None => net.fault(&server.host, fault),
        }
    }

    fn free_disk(&self, bytes: u64) {
        let disk = self.disk();
        disk.set_capacity(disk.used_bytes().saturating_add(bytes));
    }

    fn fail_disk(&self, fault: DiskFaultStep) {
        let disk = self.disk();
        let nth = disk.writes() + fault.after_writes + 1;
        match fault.error {
            DiskError::NoSpace => disk.fail_write(nth, DiskFault::NoSpace),
            DiskError::Io => disk.fail_write(nth, DiskFault::Io),
        }
    }
}

/// The conditions after a step that is about nothing else.
fn change(now: &mut SystemConditions, step: &Step) {
    match step {
        Step::Power(power) => {
            now.charging = power.charging;
            now.battery_percent = power.battery_percent.or(now.battery_percent);
        }
        Step::Thermal(thermal) => now.thermal = *thermal,
        Step::LowPower(is_on) => now.low_power = *is_on,
        Step::StorageLow(is_low) => now.storage_low = *is_low,
        Step::DataSaver(is_on) => now.data_saver = *is_on,
        Step::StandbyBucket(bucket) => now.standby_bucket = *bucket,
        Step::Locked(is_locked) => now.protected_data_available = !is_locked,
        _ => {}
    }
}
