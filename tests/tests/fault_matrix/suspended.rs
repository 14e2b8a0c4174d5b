//! The same faults, met after a pause: what the part is was decided by a suspension, and recorded.

use backhaul_fault_server::Fault;
use backhaul_tests::fixture::start;
use backhaul_tests::{Recorder, What};

use crate::cells::{Cell, Hold, LEN, PART, Protocol, Start, Validator};
use crate::run::{assert_clean, judge_end};
use crate::table;

#[test]
fn a_fault_after_a_pause() {
    // rule R9, rule D3
    let fixture = Protocol::Plain.fixture();
    let elsewhere = backhaul_fault_server::Object::bytes("elsewhere");
    fixture.server.put("elsewhere", elsewhere);
    let delegate = Recorder::new();
    let configuration = fixture
        .background("com.example.pause")
        .max_concurrent_transfers(128)
        .max_connections_per_host(128);
    let session = start(configuration, &delegate);
    let mut wrong = Vec::new();
    for validator in [Validator::Strong, Validator::Date, Validator::Digest] {
        let cell = Cell {
            protocol: Protocol::Plain,
            start: Start::Resumed,
            hold: Hold::Once,
            validator,
        };
        // Silence would end the pause before it began: those are met elsewhere.
        let rows: Vec<_> = table::rows()
            .into_iter()
            .filter(|row| table::applies(row, &cell))
            .filter(|row| !matches!(row.fault, Fault::Stall(_) | Fault::NoAnswer))
            .collect();
        let tasks: Vec<_> = rows
            .iter()
            .enumerate()
            .map(|(number, row)| {
                let name = format!("{validator:?}-{}", row.name);
                let object = validator.object(number as u64, LEN);
                fixture.server.put(&name, object.clone());
                fixture.server.script(&name, vec![Fault::Stall(PART)]);
                let request = validator.expect(fixture.request(&name), &object);
                let task = session.download_task(request).unwrap();
                task.resume().unwrap();
                (name, object, task)
            })
            .collect();
        for ((name, object, task), (number, row)) in tasks.iter().zip(rows.iter().enumerate()) {
            delegate.wait_for_call(
                task.id(),
                |what| matches!(what, What::Wrote(progress) if progress.received == PART),
            );
            task.suspend().unwrap();
            assert_eq!(task.info().unwrap().received, PART);
            fixture.server.script(name, vec![row.fault.clone()]);
            task.resume().unwrap();
            let failure = delegate.wait_for_end(task.id());
            let arrived =
                delegate
                    .calls_for(task.id())
                    .into_iter()
                    .find_map(|call| match call.what {
                        What::Finished(arrived) => Some(arrived),
                        _ => None,
                    });
            let expect = (row.expect)(&cell, number as u64);
            let path = fixture.file(name);
            if let Err(why) = judge_end(&expect, object, &path, failure.as_ref(), arrived.as_ref())
            {
                wrong.push(format!("{name}: {why}; expected {expect:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_clean(&fixture);
}
