//! A tiny app on the public API, for tests to kill: it does what its [`Plan`] says and writes down
//! what its delegate is told.
//!
//! It prints one JSON object a line: `open`, `enqueued`, each end that is told, `done`, or `refused`
//! with the error's kind. It ends when everything was told, or when its standard input closes: it
//! must never outlive the test that started it.

#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see here"
)]

mod delegate;
mod out;

use std::collections::BTreeMap;
use std::io::Read;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use backhaul::{
    Destination, Digest, DownloadTask, Error, Request, RetryPolicy, Session, SessionConfiguration,
};
use backhaul_tests::process::plan::{Plan, Wanted};
use serde_json::json;

use delegate::Delegate;
use out::say;

/// Tests do not wait for a second.
const RETRY_BASE: Duration = Duration::from_millis(20);
const RETRY_CAP: Duration = Duration::from_millis(200);

fn main() -> ExitCode {
    out::complain();
    let path = std::env::args_os().nth(1).expect("the plan's file");
    let plan: Plan = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    match run(plan) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(
                &json!({"say": "refused", "kind": error.kind().as_str(), "message": error.message()}),
            );
            ExitCode::FAILURE
        }
    }
}

fn run(plan: Plan) -> Result<(), Error> {
    let delegate = Arc::new(Delegate::new(&plan.calls, plan.manner));
    let session = Session::background(configuration(&plan)?, delegate, Default::default())?;
    say(&json!({"say": "open"}));
    let tasks = match plan.files.iter().any(|wanted| !wanted.after.is_empty()) {
        true => session.enqueue_plan(steps(&plan)?)?,
        false => session.enqueue(requests(&plan))?,
    };
    say(&json!({"say": "enqueued", "count": tasks.len()}));
    if plan.cancels {
        tasks.iter().try_for_each(DownloadTask::cancel)?;
        say(&json!({"say": "cancelled"}));
    }
    drop(tasks);
    if plan.stay {
        until_input_closes();
        return Ok(());
    }
    // The test ended without having killed us: nothing here may go on.
    std::thread::spawn(|| {
        until_input_closes();
        std::process::exit(0);
    });
    session.wait_until(None, |status| status.active + status.undelivered == 0);
    say(&json!({"say": "done"}));
    Ok(())
}

fn configuration(plan: &Plan) -> Result<SessionConfiguration<backhaul::Background>, Error> {
    let mut configuration = SessionConfiguration::background(plan.identifier.as_str())?
        .container(&plan.container)
        .is_discretionary(false)
        .allow_plain_http("127.0.0.1")
        .retry_policy(RetryPolicy {
            base: RETRY_BASE,
            cap: RETRY_CAP,
        });
    if plan.in_flight > 0 {
        configuration = configuration
            .max_connections_per_host(plan.in_flight)
            .max_concurrent_transfers(plan.in_flight);
    }
    if !plan.root_certificate.is_empty() {
        configuration = configuration.root_certificate(plan.root_certificate.as_str());
    }
    for (name, folder) in &plan.bases {
        configuration = configuration.base_directory(name, folder);
    }
    Ok(configuration)
}

fn requests(plan: &Plan) -> impl Iterator<Item = Result<Request, Error>> + '_ {
    let many = (0..plan.many).map(|number| {
        let url = format!("{}{number}", plan.many_url);
        let name = format!("many-{number}");
        Ok(Request::new(&url)?
            .destination(Destination::in_container(&*name)?)
            .caller_id(name))
    });
    plan.files.iter().map(request).chain(many)
}

/// The files as steps that come after each other.
fn steps(plan: &Plan) -> Result<backhaul::Plan, Error> {
    let mut steps = backhaul::Plan::new();
    let mut named = BTreeMap::new();
    for wanted in &plan.files {
        let step = steps.add(request(wanted)?);
        for earlier in &wanted.after {
            steps.after(step, named[earlier]);
        }
        named.insert(wanted.caller_id.clone(), step);
    }
    Ok(steps)
}

fn request(wanted: &Wanted) -> Result<Request, Error> {
    let path = wanted.path.as_str();
    let destination = match wanted.base.as_str() {
        "" => Destination::in_container(path)?,
        base => Destination::in_base(base, path)?,
    };
    let mut request = Request::new(&wanted.url)?
        .destination(destination)
        .caller_id(&*wanted.caller_id);
    if let Some(hex) = &wanted.sha256 {
        request = request.expected_digest(Digest::sha256_hex(hex).unwrap());
    }
    Ok(request)
}

fn until_input_closes() {
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
