//! The claim stays fast with 100,000 rows only while its statements use their indexes.

use super::*;
use crate::store::{claim, read};

fn plan(sql: &str) -> String {
    let db = open::open_memory().unwrap().db;
    let mut explain = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let nulls = vec![rusqlite::types::Null; explain.parameter_count()];
    let lines = explain
        .query_map(rusqlite::params_from_iter(nulls), |row| {
            row.get::<_, String>(3)
        })
        .unwrap();
    lines.map(|line| line.unwrap() + "\n").collect()
}

#[test]
fn no_statement_of_a_claim_scans_or_sorts() {
    // rule P9
    for (sql, index) in [
        (claim::RELEASE, "task_held (session=? AND due_ms<?)"),
        (claim::EXPIRED, "task_check (session=? AND check_ms<?)"),
        (
            claim::NEXT_HOST,
            "COVERING INDEX task_ready (session=? AND needs=? AND host>?)",
        ),
        (
            claim::NEXT_NEEDS,
            "COVERING INDEX task_ready (session=? AND needs>?)",
        ),
        (
            claim::IN_LANE,
            "COVERING INDEX task_ready (session=? AND needs=? AND host=?)",
        ),
        (claim::NEXT_HELD, "INDEX task_held (session=? AND due_ms>?)"),
        (claim::NEXT_CHECK, "INDEX task_check (session=?)"),
        (dependency::DOOMED, "task_doomed (session=?)"),
        (dependency::SETTLED, "settled_session (session=?)"),
        (dependency::DEPENDANTS, "PRIMARY KEY (waits_for=?)"),
        (dependency::AHEAD, "COVERING INDEX dependency_task (task=?)"),
    ] {
        let plan = plan(sql);
        assert!(plan.contains(index), "{sql}\n{plan}");
        assert!(
            !plan.contains("SCAN") && !plan.contains("TEMP B-TREE"),
            "{sql}\n{plan}"
        );
    }
}

#[test]
fn counting_reads_indexes_only() {
    let plan = plan(read::COUNTS);
    let tables = plan
        .lines()
        .filter(|line| line.contains("task") || line.contains("journal"));
    for line in tables {
        assert!(line.contains("COVERING INDEX"), "{plan}");
    }
}
