//! The stories that every language plays: what each shows must be so on the simulated phone.

use backhaul::sim::Scenario;
use backhaul_tests::files::files_below;

#[test]
fn every_scenario_goes_as_it_says() {
    // rule S7, rule S9, rule S10, rule S11, rule L6, rule P4, rule P8, rule W5, rule W6, rule W7
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let files = files_below(folder.as_ref());
    assert!(files.len() >= 12, "{}", files.len());
    let mut wrong = String::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let scenario = Scenario::from_json(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        match scenario.play() {
            Ok(played) if played.is_right() => {}
            Ok(played) => wrong += &format!("{name}:\n{played}\n"),
            Err(error) => wrong += &format!("{name}: {error}\n"),
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
