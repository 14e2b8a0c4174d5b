//! The fault matrix: every fault of the server, met by a fresh download and by one that goes on from a
//! part, over each protocol, for each kind of validator. In every cell the result is the bytes of one
//! version of the object, or a typed error that the table names; never a splice, and nothing is left
//! behind.
#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see in helpers"
)]

mod cells;
mod replaced;
mod run;
mod suspended;
mod table;

use cells::{Hold, Protocol, Start, Validator};
use run::{Plan, run};

use backhaul_fault_server::Fault;

/// Every validator, where the connection costs least.
#[test]
fn plain_http_once() {
    // rule R9, rule R3, rule R4, rule R6, rule R8
    run(&Plan {
        protocol: Protocol::Plain,
        starts: &[Start::Fresh, Start::Resumed],
        hold: Hold::Once,
        validators: Validator::ALL,
        disruptive: None,
    });
}

/// A fault that never ends: a right file, a typed error, or the deadline.
#[test]
fn plain_http_always() {
    // rule R9, rule R7, rule H1
    run(&Plan {
        protocol: Protocol::Plain,
        starts: &[Start::Fresh, Start::Resumed],
        hold: Hold::Always,
        validators: Validator::ALL,
        disruptive: None,
    });
}

#[test]
fn tls_once() {
    // rule R9
    run(&Plan {
        protocol: Protocol::Tls,
        starts: &[Start::Fresh, Start::Resumed],
        hold: Hold::Once,
        validators: &[Validator::Strong, Validator::Absent, Validator::Differs],
        disruptive: None,
    });
}

#[test]
fn http2_once() {
    // rule R9, rule H7
    run(&Plan {
        protocol: Protocol::Http2,
        starts: &[Start::Fresh, Start::Resumed],
        hold: Hold::Once,
        validators: Validator::ALL,
        disruptive: Some(false),
    });
}

/// What ends a whole connection is met by all streams on it: apart from the others.
#[test]
fn http2_connections_that_end() {
    // rule R9, rule H7
    run(&Plan {
        protocol: Protocol::Http2,
        starts: &[Start::Fresh, Start::Resumed],
        hold: Hold::Once,
        validators: &[Validator::Strong, Validator::Date, Validator::Digest],
        disruptive: Some(true),
    });
}

#[test]
fn http2_always() {
    // rule R9, rule R7, rule H1
    run(&Plan {
        protocol: Protocol::Http2,
        starts: &[Start::Fresh, Start::Resumed],
        hold: Hold::Always,
        validators: &[Validator::Strong, Validator::Absent],
        disruptive: Some(false),
    });
}

/// A fault that was added to the server and not to the table would be in no cell.
#[test]
fn the_table_has_every_fault_of_the_server() {
    // rule R9
    let source = include_str!("../../fault-server/src/fault.rs");
    let names: Vec<&str> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("/// "))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
        .filter(|name| !["bytes", "ms", "to", "value", "rate", "count", "status"].contains(name))
        .collect();
    assert!(names.len() > 50, "{names:?}");
    let rows = table::rows();
    for name in names {
        let found = rows.iter().any(|row| row.name == name);
        assert!(found, "{name} is in no row");
    }
    assert!(rows.iter().any(|row| row.fault == Fault::None));
}
