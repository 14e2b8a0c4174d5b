//! How fast: prints, and asserts nothing. `cargo test --release -p backhaul store::tests::speed
//! -- --ignored --nocapture --test-threads 1`

use std::time::{Duration, Instant};

use super::*;

const COUNT: usize = 100_000;

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let value = work();
    report(what, began.elapsed());
    value
}

fn report(what: &str, took: Duration) {
    println!("{what:<52} {:>9.2} ms", took.as_secs_f64() * 1e3);
}

/// Resident memory now and at its highest, in KiB.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines = status
        .lines()
        .filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"));
    lines.map(|line| line.replace('\t', " ") + "; ").collect()
}

fn many(hosts: usize, caller_ids: bool) -> impl Iterator<Item = Result<NewTask>> {
    (0..COUNT).map(move |n| {
        Ok(NewTask {
            host: format!("host{}.example.com:443", n % hosts),
            url: format!(
                "https://host{}.example.com/some/path/file-{n}.bin?v=1",
                n % hosts
            ),
            caller_id: caller_ids.then(|| format!("caller-{n}")),
            ..ready(&format!("downloads/file-{n}.bin"))
        })
    })
}

#[test]
#[ignore = "a measurement"]
fn a_hundred_thousand_tasks() {
    for (hosts, caller_ids) in [(1, false), (50, true), (1_000, false)] {
        println!(
            "{COUNT} tasks, {hosts} hosts, caller ids: {caller_ids}; {}",
            memory()
        );
        let room = Room::new();
        let began = Instant::now();
        room.store
            .enqueue(room.session, &mut many(hosts, caller_ids))
            .unwrap();
        let took = began.elapsed();
        report("enqueue, durable", took);
        println!("{:<52} {:>9.0} /s", "", COUNT as f64 / took.as_secs_f64());
        println!("{}", memory());
        room.store.flush().wait().unwrap();
        let copy = crashes::copy_of(room.container());
        let killed = timed("open after a kill", || open(copy.path(), START));
        drop(killed);
        let room = timed("close", || {
            drop(room.store);
            room.folder
        });
        let now = START.plus_ms(1_000);
        let (store, session) = timed("open, open_session", || open(room.path(), now));
        let room = Room {
            store,
            session,
            folder: room,
        };
        timed("claim 8, cold", || room.claim(now, 8));
        timed("claim 8", || room.claim(now, 8));
        timed("claim 64, a host full", || {
            room.claim_except(now, 64, &["host0.example.com:443"], 0)
        });
        timed("claim 64, needs unmet", || {
            room.claim_except(now, 64, &[], 1)
        });
        timed("counts", || room.counts());
        let ids: Vec<_> = room
            .claim(now, 1_000)
            .rows
            .iter()
            .map(|row| row.id)
            .collect();
        timed("1,000 commits, each alone", || {
            for id in &ids[..ids.len() / 2] {
                room.commit(vec![complete(*id, 1)]).unwrap();
            }
        });
        timed("the other half, all at once", || {
            let rest = ids[ids.len() / 2..].iter();
            let replies: Vec<_> = rest
                .map(|id| room.store.commit(room.session, vec![complete(*id, 1)]))
                .collect();
            replies.into_iter().for_each(|reply| {
                reply.wait().unwrap();
            });
        });
        println!("{}\n", memory());
    }
}
