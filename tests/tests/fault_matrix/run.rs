//! Runs many cells in one session, and judges each.

use std::sync::Arc;
use std::time::Duration;

use backhaul::{RetryPolicy, TaskId};
use backhaul_fault_server::{Fault, Object};
use backhaul_tests::fixture::start;
use backhaul_tests::recorder::Arrived;
use backhaul_tests::{Failure, Fixture, PATIENCE, Recorder, What, files};

use crate::cells::{CUT, Cell, Hold, LEN, PART, Protocol, Start, Validator};
use crate::table::{self, Expect, Row};

/// Longest silence that an attempt bears.
const SILENCE: Duration = Duration::from_secs(2);
/// How long cells are tried whose fault never ends.
const DEADLINE: Duration = Duration::from_secs(12);
/// Their pauses: hundreds of them must not keep the machine busy.
const PAUSES: RetryPolicy = RetryPolicy {
    base: Duration::from_millis(50),
    cap: Duration::from_secs(1),
};

/// Which cells.
pub struct Plan {
    pub protocol: Protocol,
    pub starts: &'static [Start],
    pub hold: Hold,
    pub validators: &'static [Validator],
    /// Only those that end whole connections, or only the others.
    pub disruptive: Option<bool>,
}

/// One cell under way.
struct Running {
    row: usize,
    cell: Cell,
    name: String,
    seed: u64,
    id: TaskId,
}

/// Runs every cell of the plan at the same time, and fails with all that are wrong.
pub fn run(plan: &Plan) {
    let fixture = plan.protocol.fixture();
    fixture.server.put("elsewhere", Object::bytes("elsewhere"));
    let rows = table::rows();
    let delegate = Recorder::new();
    let configuration = fixture
        .background("com.example.matrix")
        .max_concurrent_transfers(128)
        .max_connections_per_host(128)
        .timeout_for_request(SILENCE);
    let configuration = match plan.hold {
        Hold::Once => configuration.timeout_for_resource(PATIENCE),
        Hold::Always => configuration
            .timeout_for_resource(DEADLINE)
            .retry_policy(PAUSES),
    };
    let session = start(configuration, &delegate);
    let mut running = Vec::new();
    for (number, (row, cell)) in cells(plan, &rows).into_iter().enumerate() {
        let (seed, name) = (number as u64, format!("c{number}"));
        let object = cell.validator.object(seed, LEN);
        prepare(&fixture, &rows[row].fault, &cell, &name, &object);
        let request = cell.validator.expect(fixture.request(&name), &object);
        running.push((row, cell, name, seed, request));
    }
    let requests = running.iter().map(|(.., request)| Ok(request.clone()));
    let tasks = session.enqueue(requests).unwrap();
    let running: Vec<Running> = running
        .into_iter()
        .zip(&tasks)
        .map(|((row, cell, name, seed, _), task)| Running {
            row,
            cell,
            name,
            seed,
            id: task.id(),
        })
        .collect();
    let wrong: Vec<String> = running
        .iter()
        .filter_map(|one| judge(&fixture, &delegate, &rows[one.row], one).err())
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {} cells are wrong:\n{}",
        wrong.len(),
        running.len(),
        wrong.join("\n")
    );
    fixture.assert_no_leftovers();
    println!("{} cells", running.len());
}

fn cells(plan: &Plan, rows: &[Row]) -> Vec<(usize, Cell)> {
    let mut cells = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        if plan
            .disruptive
            .is_some_and(|wanted| wanted != row.disruptive)
        {
            continue;
        }
        for start in plan.starts {
            for validator in plan.validators {
                let cell = Cell {
                    protocol: plan.protocol,
                    start: *start,
                    hold: plan.hold,
                    validator: *validator,
                };
                if table::applies(row, &cell) {
                    cells.push((number, cell));
                }
            }
        }
    }
    cells
}

fn prepare(fixture: &Fixture, fault: &Fault, cell: &Cell, name: &str, object: &Object) {
    let server = &fixture.server;
    server.put(name, object.clone());
    let mut script = match cell.start {
        Start::Fresh => vec![],
        Start::Resumed => vec![Fault::Truncate(PART)],
    };
    match cell.hold {
        Hold::Once => script.push(fault.clone()),
        Hold::Always => server.always(name, fault.clone()),
    }
    server.script(name, script);
}

fn judge(
    fixture: &Fixture,
    delegate: &Arc<Recorder>,
    row: &Row,
    one: &Running,
) -> Result<(), String> {
    let failure = delegate.wait_for_end(one.id);
    let mut cell = one.cell;
    if cell.start == Start::Resumed && !has_part(delegate, one.id) {
        // A busy machine: the answer that was to be cut never began.
        cell.start = Start::Fresh;
    }
    let arrived = delegate
        .calls_for(one.id)
        .into_iter()
        .find_map(|call| match call.what {
            What::Finished(arrived) => Some(arrived),
            _ => None,
        });
    let expect = (row.expect)(&cell, one.seed);
    let object = one.cell.validator.object(one.seed, LEN);
    let path = fixture.file(&one.name);
    judge_end(&expect, &object, &path, failure.as_ref(), arrived.as_ref()).map_err(|why| {
        format!(
            "{} ({}), {:?}: {why}; expected {expect:?}; {}",
            row.name,
            one.name,
            one.cell,
            delegate.order_for(one.id).join(" ")
        )
    })
}

/// Whether the first answer was used.
fn has_part(delegate: &Recorder, id: TaskId) -> bool {
    let first = delegate
        .order_for(id)
        .into_iter()
        .find(|name| *name != "created");
    first == Some("responded")
}

/// Whether the end of a task is what was expected of it.
pub fn judge_end(
    expect: &Expect,
    object: &Object,
    path: &std::path::Path,
    failure: Option<&Failure>,
    arrived: Option<&Arrived>,
) -> Result<(), String> {
    let is = |wanted: &Object, flagged: bool| match (failure, arrived) {
        (Some(failure), _) => Err(format!("failed: {} ({})", failure.kind, failure.message)),
        (None, None) => Err("no file".to_owned()),
        (None, Some(arrived)) => {
            files_equal(wanted, path)?;
            let flags = (arrived.validator_weak, arrived.length_unverified);
            if flags == (false, flagged) {
                Ok(())
            } else {
                Err(format!("flags are {flags:?}"))
            }
        }
    };
    let failed_as = |kinds: &[backhaul::ErrorKind]| match failure {
        Some(failure) if kinds.contains(&failure.kind) && !path.exists() => Ok(()),
        Some(failure) => Err(format!("failed: {} ({})", failure.kind, failure.message)),
        None => Err("arrived".to_owned()),
    };
    match expect {
        Expect::File => is(object, false),
        Expect::Unverified => is(object, true),
        Expect::Instead(other) => is(other, false),
        Expect::Prefix { flagged } => {
            let mut bytes = Vec::new();
            object
                .write_to(&mut bytes)
                .map_err(|error| error.to_string())?;
            bytes.truncate(CUT as usize);
            is(&Object::bytes(bytes), *flagged)
        }
        Expect::Fails(kinds) => failed_as(kinds),
        Expect::Perhaps(kinds) => is(object, false).or_else(|_| failed_as(kinds)),
    }
}

fn files_equal(wanted: &Object, path: &std::path::Path) -> Result<(), String> {
    match wanted.first_difference(path) {
        Ok(None) => Ok(()),
        Ok(Some(at)) => Err(format!("the file differs at byte {at}")),
        Err(error) => Err(format!("the file cannot be read: {error}")),
    }
}

/// Nothing of ours lies in the folder.
pub fn assert_clean(fixture: &Fixture) {
    files::assert_no_leftovers(fixture.container());
}
