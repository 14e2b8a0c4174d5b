//! Each rule that this version keeps has a test that names it.

use std::collections::BTreeSet;
use std::path::Path;

use backhaul_tests::files::files_below;

/// The rules, section by section.
const RULES: &str = "S1 S2 S3 S4 S5 S6 S7 S8 S9 S10 S11 S12 S13 C1 C2 C3 D1 D2 D3 D4 D5 D6 D8 D9 \
    L1 L2 L3 L4 L5 L6 R1 R2 R3 R4 R5 R6 R7 R8 R9 H1 H2 H3 H5 H6 H7 E1 E2 E3 E4 T1 T3 T4 T5 T6 \
    P1 P2 P3 P4 P5 P6 P7 P8 P9 W1 W2 W3 W4 W5 W6 W7";

#[test]
fn every_rule_is_named_by_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut named = BTreeSet::new();
    for folder in ["core/src", "core/examples", "tests/src", "tests/tests"] {
        for file in files_below(&root.join(folder)) {
            if file.extension().is_some_and(|extension| extension == "rs") {
                let source = std::fs::read_to_string(&file).unwrap();
                named.extend(rules_in(&source));
            }
        }
    }
    let missing: Vec<_> = RULES
        .split_whitespace()
        .filter(|rule| !named.contains(*rule))
        .collect();
    assert!(missing.is_empty(), "no test names {missing:?}");
}

/// The rules in comments of their own, as tests begin with them.
fn rules_in(source: &str) -> Vec<String> {
    let lines = source.lines().map(str::trim);
    let comments = lines.filter_map(|line| line.strip_prefix("// rule "));
    comments
        .flat_map(|rest| rest.split(", rule "))
        .map(|rule| {
            rule.chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect()
        })
        .collect()
}
