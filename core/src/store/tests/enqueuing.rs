//! Enqueuing: durable, all or nothing, once for each caller id.

use super::*;
use crate::error::ErrorKind;

fn named(name: &str, caller_id: &str) -> NewTask {
    NewTask {
        caller_id: Some(caller_id.into()),
        ..ready(name)
    }
}

fn error_of(room: &Room, tasks: Vec<Result<NewTask>>) -> Error {
    room.store
        .enqueue(room.session, &mut tasks.into_iter())
        .unwrap_err()
}

#[test]
fn a_task_comes_back_as_it_went_in() {
    let room = Room::new();
    let mut options = RequestOptions {
        priority: Some(0.25),
        expected_size: Some(7),
        ..RequestOptions::default()
    };
    options.group = Some("maps".into());
    let given = NewTask {
        caller_id: Some("alps".into()),
        metadata: Some("{\"a\":1}".into()),
        options: options.clone(),
        needs: 5,
        rank: -9,
        ..held("maps/alps", START, 1_000)
    };
    let id = room.enqueue(vec![given])[0];
    let room = room.reopened(START);
    let row = room.task(id).unwrap();
    assert_eq!(row.url, "https://host/maps/alps");
    assert_eq!(
        (&*row.host, &*row.base, &*row.path),
        ("host:443", CONTAINER_BASE, "maps/alps")
    );
    assert_eq!(row.caller_id.as_deref(), Some("alps"));
    assert_eq!(row.metadata.as_deref(), Some("{\"a\":1}"));
    assert_eq!(row.options, options);
    assert_eq!((row.needs, row.rank, row.phase), (5, -9, Phase::Held));
    assert_eq!(row.hold, Some(hold(START, 1_000)));
    assert_eq!(row.deadline, Some(Deadline::after(START, 7 * DAY_MS)));
    assert_eq!(
        (row.created_ms, row.record.since_ms),
        (START.wall_ms, START.wall_ms)
    );
    let found = room.store.find_by_caller_id(room.session, "alps").wait();
    assert_eq!(found.unwrap().unwrap().id, id);
    let nobody = room.store.find_by_caller_id(room.session, "x").wait();
    assert!(nobody.unwrap().is_none());
}

#[test]
fn a_task_without_deadline_has_none() {
    let room = Room::new();
    let task = NewTask {
        deadline: None,
        phase: Phase::Suspended,
        ..ready("a")
    };
    let id = room.enqueue(vec![task])[0];
    assert_eq!(room.task(id).unwrap().deadline, None);
    assert_eq!(
        room.store.next_due_ms(room.session, START).wait().unwrap(),
        None
    );
    assert_eq!(room.counts().suspended, 1);
}

#[test]
fn ten_thousand_tasks_are_one_commit() {
    // rule D1
    let room = Room::new();
    room.store.flush().wait().unwrap();
    let before = room.store.transactions();
    let ids = room.enqueue((0..10_000).map(|n| ready(&format!("f{n}"))).collect());
    assert_eq!(room.store.transactions(), before + 1);
    assert_eq!(ids.len(), 10_000);
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(room.counts().ready, 10_000);
    let room = room.reopened(START);
    assert_eq!(room.counts().ready, 10_000);
    let page = room
        .store
        .tasks(room.session, Some(ids[8_999]), 2)
        .wait()
        .unwrap();
    assert_eq!(
        page.iter().map(|row| row.id).collect::<Vec<_>>(),
        ids[9_000..9_002]
    );
}

#[test]
fn an_error_anywhere_writes_nothing() {
    // rule C2
    for count in [3, 255, 256, 257, 2_000] {
        let room = Room::new();
        let mut tasks: Vec<_> = (0..count).map(|n| Ok(ready(&format!("f{n}")))).collect();
        tasks.push(Err(Error::new(ErrorKind::InvalidUrl, "bad")));
        tasks.push(Ok(ready("never")));
        assert_eq!(error_of(&room, tasks).kind(), ErrorKind::InvalidUrl);
        assert_eq!(
            room.counts(),
            Counts::default(),
            "{count} rows before the error"
        );
    }
}

#[test]
fn a_panic_in_the_callers_iterator_writes_nothing_and_hurts_nobody() {
    let room = Room::new();
    let store = room.store.clone();
    let session = room.session;
    let panicked = std::thread::spawn(move || {
        let mut tasks = (0..2_000).map(|n| {
            assert!(n < 1_500, "the caller's own bug");
            Ok(ready(&format!("f{n}")))
        });
        store.enqueue(session, &mut tasks)
    });
    assert!(panicked.join().is_err());
    assert_eq!(room.counts(), Counts::default());
    room.enqueue(vec![ready("after")]);
}

#[test]
fn a_destination_has_one_live_task() {
    let room = Room::new();
    let first = room.enqueue(vec![ready("a")])[0];
    let error = error_of(&room, vec![Ok(ready("b")), Ok(ready("a"))]);
    assert_eq!(error.kind(), ErrorKind::DestinationInUse);
    assert!(error.message().contains("\"a\""), "{error}");
    assert!(
        error.message().contains(&format!("task {first} ")),
        "{error}"
    );
    assert!(error.message().contains("https://host/a"), "{error}");
    assert_eq!(room.counts().ready, 1);

    let elsewhere = NewTask {
        base: "documents".into(),
        ..ready("a")
    };
    room.enqueue(vec![elsewhere]);
    room.commit(vec![complete(first, 1)]).unwrap();
    room.enqueue(vec![ready("a")]);
}

#[test]
fn two_tasks_of_one_call_need_two_destinations() {
    for count in [2, 3_000] {
        let room = Room::new();
        let mut tasks: Vec<_> = (0..count).map(|n| Ok(ready(&format!("f{n}")))).collect();
        tasks.push(Ok(ready("f1")));
        let error = error_of(&room, tasks);
        assert_eq!(error.kind(), ErrorKind::DestinationInUse);
        assert!(
            error.message().contains("two tasks of this call"),
            "{error}"
        );
        assert_eq!(room.counts(), Counts::default());
    }
}

#[test]
fn the_same_caller_id_is_the_same_task() {
    // rule L5
    let room = Room::new();
    let tasks = vec![named("a", "x"), named("a", "x"), named("b", "y")];
    let ids = room.enqueue(tasks.clone());
    assert_eq!(ids[0], ids[1]);
    assert_eq!(room.counts().ready, 2);
    room.commit(vec![complete(ids[0], 1)]).unwrap();
    let again = room
        .store
        .enqueue(room.session, &mut tasks.into_iter().map(Ok))
        .unwrap();
    let same = |id| EnqueuedTask { id, existed: true };
    assert_eq!(again, [same(ids[0]), same(ids[0]), same(ids[2])]);
    assert_eq!(room.counts().ready, 1);

    let other = room.store.open_session("other", START).unwrap();
    let theirs = room
        .store
        .enqueue(other, &mut [Ok(named("c", "x"))].into_iter());
    assert!(!theirs.unwrap()[0].existed);
}

#[test]
fn ids_are_never_used_twice() {
    let room = Room::new();
    let first = room.enqueue(vec![ready("a")])[0];
    let mark = room.commit(vec![complete(first, 1)]).unwrap().journal[0];
    room.store.acknowledge(room.session, vec![mark.seq]);
    room.store.forget(room.session, &[first]).wait().unwrap();
    assert!(room.task(first).is_none());
    let room = room.reopened(START);
    let second = room.enqueue(vec![ready("a")])[0];
    assert!(second > first);
    let next = room.commit(vec![complete(second, 1)]).unwrap().journal[0];
    assert!(next.seq > mark.seq);
}

#[test]
fn a_store_in_memory_is_the_same_code() {
    // rule S8
    let store = Store::in_memory(START).unwrap();
    let session = store.open_session("", START).unwrap();
    let mut tasks = (0..1_000).map(|n| Ok(ready(&format!("f{n}"))));
    assert_eq!(store.enqueue(session, &mut tasks).unwrap().len(), 1_000);
    assert_eq!(store.counts(session).wait().unwrap().ready, 1_000);
    assert_eq!(store.token().len(), 8);
}

#[test]
fn enqueuing_works_on_a_thread_that_runs_async_code() {
    let room = Room::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        for n in 0..200 {
            room.enqueue(vec![ready(&format!("f{n}"))]);
        }
        assert_eq!(room.store.counts(room.session).await.unwrap().ready, 200);
    });
}
