//! What a kill costs: bytes that have to be sent again. Alone in its binary, so that no other test
//! slows down the syncs it measures.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "test code, which clippy does not see here"
)]

use backhaul_fault_server::{FaultServer, Object};
use backhaul_tests::process::scene::Scene;
use backhaul_tests::process::seed;

const FILES: u64 = 8;
const FILE_BYTES: u64 = 20_000_000;
/// Of each answer: 40 MB/s in all.
const RATE_BYTES_PER_SECOND: u64 = 5_000_000;
const LOSS_LIMIT_PERCENT: f64 = 2.0;

#[test]
fn a_kill_costs_under_two_percent_of_eight_large_files() {
    // rules D3, S7
    kill_one(FaultServer::start().unwrap());
    // One connection for all of them: what is on the way is bounded by its windows.
    kill_one(FaultServer::builder().http2(true).start().unwrap());
}

fn kill_one(server: FaultServer) {
    let mut chance = seed::generator("loss");
    let mut scene = Scene::on(server, env!("CARGO_BIN_EXE_probe"));
    for number in 0..FILES {
        scene.put(
            &format!("{number}.bin"),
            Object::generated(number, FILE_BYTES),
        );
    }
    scene.server.limit_rate(Some(RATE_BYTES_PER_SECOND));
    let mut app = scene.launch(&scene.plan());
    let killed_at = chance.u64(scene.total() * 3 / 10..scene.total() * 7 / 10);
    assert!(scene.wait_sent_or_gone(&mut app, killed_at));
    app.kill();
    scene.check_death();
    let sent_before = scene.sent();

    let ended = scene.launch(&scene.plan()).wait();
    assert!(ended.said("\"done\"").is_some(), "{ended:?}");
    scene.check_end();
    let resumed = scene
        .calls()
        .iter()
        .filter(|call| call.call == "did_resume_at_offset")
        .count();
    assert_eq!(resumed as u64, FILES, "each file went on from where it was");
    let again = scene.sent() - scene.total();
    let percent = again as f64 * 100.0 / scene.total() as f64;
    println!(
        "killed after {sent_before} of {} bytes; sent again: {again} bytes, {percent:.2} %",
        scene.total()
    );
    assert!(
        percent <= LOSS_LIMIT_PERCENT,
        "{percent:.2} % of the bytes were sent again"
    );
}
