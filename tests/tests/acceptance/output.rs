//! What programs rely on: the keys of `--json`, and the same task after a kill.

use backhaul_fault_server::{Fault, Object};
use backhaul_tests::process::check::assert_is;
use serde_json::Value;

use crate::host::{Host, code, objects};

const KEYS: [&str; 8] = [
    "id",
    "url",
    "destination",
    "state",
    "reason",
    "received",
    "total",
    "error",
];

fn assert_keys(object: &Value) {
    let object = object.as_object().unwrap();
    for key in KEYS {
        assert!(object.contains_key(key), "{key} is missing in {object:?}");
    }
}

fn only(mut objects: Vec<Value>) -> Value {
    assert_eq!(objects.len(), 1, "{objects:?}");
    objects.remove(0)
}

#[test]
fn a_killed_get_is_the_same_task_in_every_command_and_launch() {
    // rules S7, E1, L5
    let host = Host::new();
    let object = Object::generated(1, 3_000_000);
    host.server.put("a.bin", object.clone());
    host.server.always("a.bin", Fault::Stall(1_000_000));
    let killed = host.get_killed("a.bin", 1_000_000);
    assert_eq!(killed.lines, Vec::<String>::new(), "nothing has ended");

    let listed = host.run("list", &["--json"]);
    assert_eq!(code(&listed), 0, "{listed:?}");
    let listed = only(objects(&listed));
    assert_keys(&listed);
    let id = listed["id"].as_i64().unwrap().to_string();
    assert_eq!(listed["url"], host.server.object_url("a.bin").as_str());
    assert_eq!(
        listed["destination"],
        host.files().join("a.bin").to_str().unwrap()
    );
    assert!(listed["error"].is_null());

    let explained = only(objects(&host.run("explain", &[&id, "--json"])));
    assert_keys(&explained);
    assert_eq!(explained["id"], listed["id"]);

    host.server.always("a.bin", Fault::None);
    let ended = host.get("a.bin", &["--json"]).wait();
    assert_eq!(code(&ended), 0, "{ended:?}");
    let ended = only(objects(&ended));
    assert_keys(&ended);
    assert_eq!(ended["id"], listed["id"], "it is the same task");
    assert_eq!(
        (&ended["state"], &ended["received"]),
        (&"completed".into(), &3_000_000.into())
    );
    assert_is(&host.files().join("a.bin"), &object);
    assert!(host.server.bytes_sent("a.bin") < 4_500_000, "it went on");

    let events = only(objects(&host.run("events", &["--json"])));
    assert_eq!(
        (&events["id"], &events["acknowledged"]),
        (&listed["id"], &true.into())
    );
}

#[test]
fn a_list_of_files_killed_in_the_middle_is_finished_by_the_same_command() {
    // rules S7, D1, D4
    let host = Host::new();
    let list = host.scratch.path().join("list");
    let lines: Vec<String> = (0..300)
        .map(|number| {
            host.server
                .put(&number.to_string(), Object::generated(number, 20_000));
            format!(
                "{}\tfile-{number}.bin\n",
                host.server.object_url(&number.to_string())
            )
        })
        .collect();
    std::fs::write(&list, lines.concat()).unwrap();
    let (list, into) = (list.to_str().unwrap(), host.files());
    let arguments = ["--from", list, "--into", into.to_str().unwrap(), "--json"];
    let mut reported = 0;
    for _ in 0..4 {
        let mut app = host.start("get", &arguments);
        for _ in 0..40 {
            app.line("\"completed\"");
        }
        reported += app.kill().lines.len();
    }
    assert!(reported >= 160);
    let ended = host.run("get", &arguments);
    assert_eq!(code(&ended), 0, "{ended:?}");
    let mut ids = std::collections::BTreeSet::new();
    for object in objects(&ended) {
        assert_keys(&object);
        assert_eq!(object["state"], "completed", "{object}");
        ids.insert(object["id"].as_i64().unwrap());
    }
    assert_eq!(
        ids.len(),
        300,
        "the last run answers for every file, each once"
    );
    for number in 0..300 {
        let path = into.join(format!("file-{number}.bin"));
        assert_is(&path, &Object::generated(number, 20_000));
    }
}
