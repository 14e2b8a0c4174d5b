//! What servers answer, and what the net remembers.

use super::answer::{Answer, BodyEnd};
use super::*;
use crate::protocol::Headers;

const URL: &str = "https://tiles.example/alps.bin";
const NOW_MS: i64 = 1_767_571_200_000;

fn request(fields: &[(&str, &str)]) -> Request {
    let mut headers = Headers::new();
    for (name, value) in fields {
        headers.append(name, value).unwrap();
    }
    Request {
        url: url::Url::parse(URL).unwrap(),
        headers,
        patience_ms: 60_000,
    }
}

fn answer(object: &Object, fields: &[(&str, &str)]) -> Answer {
    Answer::of(Some(object), &request(fields), None, NOW_MS)
}

fn field(answer: &Answer, name: &str) -> String {
    answer.headers.get(name).unwrap_or_default().to_owned()
}

#[test]
fn a_range_is_honoured_for_the_version_it_was_meant_for() {
    // rule R2
    let object = Object::new(1_000).put(1, NOW_MS);
    let tag = field(&answer(&object, &[]), "etag");
    assert_eq!(tag, "\"v1\"");

    let same = answer(&object, &[("range", "bytes=400-"), ("if-range", &tag)]);
    assert_eq!(same.status, 206);
    assert_eq!(field(&same, "content-range"), "bytes 400-999/1000");
    assert_eq!(same.body, object.content().part(400, 600));

    let other = [("range", "bytes=400-"), ("if-range", "\"v0\"")];
    let whole = answer(&object, &other);
    assert_eq!((whole.status, whole.body.len()), (200, 1_000));
    let unchecked = object.clone().ranges(Ranges::Unchecked);
    assert_eq!(answer(&unchecked, &other).status, 206);

    let behind = answer(&object, &[("range", "bytes=1000-")]);
    assert_eq!(behind.status, 416);
    assert_eq!(field(&behind, "content-range"), "bytes */1000");
}

#[test]
fn nothing_weak_answers_to_if_range() {
    // rule R5
    for (validators, value) in [(Validators::Weak, "W/\"v1\""), (Validators::None, "\"v1\"")] {
        let object = Object::new(1_000).validators(validators).put(1, NOW_MS);
        let fields = [("range", "bytes=400-"), ("if-range", value)];
        assert_eq!(answer(&object, &fields).status, 200, "{validators:?}");
    }
    let dated = Object::new(1_000)
        .validators(Validators::LastModified)
        .put(1, NOW_MS);
    let date = field(&answer(&dated, &[]), "last-modified");
    let fields = [("range", "bytes=400-"), ("if-range", date.as_str())];
    assert_eq!(answer(&dated, &fields).status, 206);
}

#[test]
fn a_digest_is_the_one_that_the_file_will_have() {
    // rule H6
    let object = Object::new(1_000).repr_digest(true).put(1, NOW_MS);
    let answer = answer(&object, &[]);
    let said = Digest::from_headers(200, &answer.headers);
    let is = object.content().digest(DigestAlgorithm::Sha256);
    assert_eq!(said, Some(is));
}

#[test]
fn a_fault_is_used_up_and_meets_its_url_or_its_host() {
    let world = World::new(1);
    let net = Net::new(&world);
    let url = url::Url::parse(URL).unwrap();
    net.fault_times("tiles.example", Fault::NoContentRange, 2);
    net.fault("https://tiles.example/other.bin", Fault::Refused);
    let mut state = net.lock();
    let met: Vec<_> = (0..3).map(|_| state.next_fault(&url)).collect();
    let spoilt = Some(Fault::NoContentRange);
    assert_eq!(met, [spoilt, spoilt, None]);
    let other = url::Url::parse("https://tiles.example/other.bin").unwrap();
    assert_eq!(state.next_fault(&other), Some(Fault::Refused));
    drop(state);
    net.clear_faults(other.as_str());
    assert_eq!(net.lock().next_fault(&other), None);
}

#[test]
fn it_remembers_every_version_that_there_was() {
    // rule R9
    let world = World::new(1);
    let net = Net::new(&world);
    net.serve(URL, Object::new(1_000));
    let first = net.content(URL).unwrap();
    assert!(net.change(URL) && net.resize(URL, 500));
    net.serve(URL, Object::new(700));
    for (version, size) in [(1, 1_000), (2, 1_000), (3, 500), (4, 700)] {
        let (object, _) = first.version().unwrap();
        assert!(net.ever_was(URL, &Content::whole(object, version, size)));
        assert!(!net.ever_was(URL, &Content::whole(object, version, size - 1)));
    }
    assert!(!net.ever_was(URL, &Content::whole(0, 0, 512)));
    assert!(!net.ever_was(URL, &Content::default()));
    let none = "https://tiles.example/none.bin";
    assert!(!net.change(none) && !net.roll_back(none));

    // Back to what it was, and on to what it never was.
    let version = || net.content(URL).unwrap().version().unwrap().1;
    assert!(net.roll_back(URL));
    assert_eq!((version(), net.content(URL).unwrap().len()), (3, 500));
    assert!(net.change(URL));
    assert_eq!(version(), 5);
    let notes = world.with_trace(|trace| trace.entries().len());
    assert_eq!(notes, 4);
}

#[test]
fn what_is_cut_off_is_not_sent() {
    for end in [BodyEnd::Cut(10), BodyEnd::Breaks(10), BodyEnd::Stalls(10)] {
        assert_eq!((end.bytes(100), end.bytes(4)), (10, 4));
    }
    assert_eq!(BodyEnd::Whole.bytes(100), 100);
}

#[test]
fn a_process_without_run_time_loses_its_connections_and_no_other() {
    struct Deaf;
    impl Receiver for Deaf {
        fn head(&self, _: u64, _: crate::Response) {}
        fn piece(&self, _: u64, _: Content) {}
        fn end(&self, _: u64, _: Result<(), Failure>) {}
    }
    let world = World::new(1);
    let net = Net::new(&world);
    net.serve(URL, Object::new(100_000_000));
    let (app, other) = (Life::new(), Life::new());
    for owner in [Some(&app), Some(&other), None] {
        net.fetch(request(&[]), Arc::new(Deaf), owner);
    }
    net.break_all_of(&app);
    for _ in 0..10 {
        world.happen();
    }
    assert_eq!(net.connections(), 2);
    other.end();
    assert_eq!(net.connections(), 1, "nobody listens to the dead");
}
