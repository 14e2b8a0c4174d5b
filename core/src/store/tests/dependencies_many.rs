//! Tasks that come after others, in numbers: each step of the store stays small (rules L6, P9).

use super::dependencies::{after, end, fail};
use super::*;
use crate::after::After;

#[test]
fn ten_thousand_that_wait_for_one_are_moved_a_bounded_number_at_a_time() {
    // rule L6, rule P9
    const MANY: usize = 10_000;
    let room = Room::new();
    let first = room.enqueue(vec![ready("first")])[0];
    let names: Vec<String> = (0..MANY).map(|number| format!("{number}")).collect();
    room.enqueue(names.iter().map(|name| after(name, &[first])).collect());
    room.claim(START, 9);
    room.succeed(first);
    assert_eq!(room.edges(), MANY + 1);
    let mut ready = 0;
    for claims in 1.. {
        let claim = room.claim(START, 64);
        assert!(claim.rows.len() <= 64);
        ready += claim.rows.len();
        let left = room.edges();
        let moved = MANY.saturating_sub(left.saturating_sub(1));
        assert!(moved <= claims * 1_000, "{moved} after {claims} claims");
        if claim.next_due_ms() != Some(0) {
            assert_eq!(left, 0);
            break;
        }
    }
    let counts = room.counts();
    assert_eq!((counts.ready as usize + ready, counts.held), (MANY, 0));
}

#[test]
fn a_chain_of_a_thousand_fails_in_a_few_claims() {
    // rule L6, rule P9
    const LENGTH: usize = 1_000;
    let room = Room::new();
    let names: Vec<String> = (0..LENGTH).map(|number| format!("{number}")).collect();
    let chain = names.iter().enumerate().map(|(number, name)| NewTask {
        after: number.checked_sub(1).map(After::Made).into_iter().collect(),
        ..ready(name)
    });
    let ids = room.enqueue(chain.collect());
    room.claim(START, 9);
    room.commit(vec![fail(ids[0], ErrorKind::HttpStatus, "gone")])
        .unwrap();
    let mut ended = Vec::new();
    let mut claims = 0;
    while room.next_due() == Some(0) {
        let claim = room.claim(START, 9);
        claims += 1;
        ended.extend(claim.rows.iter().map(|row| row.id));
        room.commit(claim.rows.iter().map(end).collect()).unwrap();
    }
    assert_eq!(ended, ids[1..], "each once, in order");
    assert!(claims <= LENGTH / 64 + 2, "{claims}");
    assert_eq!(room.edges(), 0);
}
