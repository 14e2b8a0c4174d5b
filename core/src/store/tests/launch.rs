//! What a launch asks before its sessions are open.

use super::*;

#[test]
fn sessions_with_something_left_are_known() {
    // rule W5
    let room = Room::new();
    let unfinished = |room: &Room| room.store.unfinished_sessions().wait().unwrap();
    assert_eq!(unfinished(&room), [""; 0], "one without tasks is finished");
    room.enqueue(vec![ready("a")]);
    let known = unfinished(&room);
    assert_eq!(known.len(), 1);
    let row = room.claim(START, 1).rows.remove(0);
    assert_eq!(unfinished(&room), known, "claimed");
    let committed = room.commit(vec![complete(row.id, START.wall_ms)]).unwrap();
    assert_eq!(unfinished(&room), known, "its end was not told");
    let seqs = committed.journal.iter().map(|mark| mark.seq).collect();
    room.store.acknowledge(room.session, seqs);
    assert_eq!(unfinished(&room), [""; 0]);
}

#[test]
fn what_a_dead_process_had_in_hand_is_known_until_the_session_is_opened() {
    // rule W6
    let room = Room::new();
    let ids = room.enqueue(vec![ready("a"), ready("b")]);
    room.claim(START, 1);
    let name = room.store.session_names().wait().unwrap().remove(0);
    let in_hand = |started| room.store.tasks_in_hand(&name, started).wait().unwrap();
    assert_eq!(in_hand(false), ids[..1]);
    assert_eq!(in_hand(true), [], "no attempt is on record");
    room.store.open_session(&name, START).unwrap();
    assert_eq!(in_hand(false), []);
    assert_eq!(
        room.store.tasks_in_hand("unknown", false).wait().unwrap(),
        []
    );
}

#[test]
fn wakes_are_remembered() {
    // rule P8
    let room = Room::new();
    assert_eq!(room.store.wakes().wait().unwrap(), []);
    for wakes in [vec![START], vec![START, START.plus_ms(DAY_MS)]] {
        room.store.remember_wakes(wakes.clone()).wait().unwrap();
        assert_eq!(room.store.wakes().wait().unwrap(), wakes);
    }
    let later = START.plus_ms(2 * DAY_MS);
    let wakes = room.reopened(later).store.wakes().wait().unwrap();
    assert_eq!(wakes.len(), 2);
}
