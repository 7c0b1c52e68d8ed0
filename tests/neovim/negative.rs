//! Controls: a scenario that passes where nothing is offered would prove nothing.

use std::path::PathBuf;

use bodkin_tests::Scene;
use serde_json::json;

use crate::editor::{Against, folder, run};
use crate::scenarios::{mean, numbers, till};

/// The scenarios of a folder, as `run` names them.
fn scenarios(of: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder().join(of)).unwrap();
    let files =
        entries.map(|entry| entry.unwrap().path()).filter(|it| it.extension().is_some_and(|it| it == "lua"));
    let mut names: Vec<String> =
        files.map(|it: PathBuf| format!("{of}/{}", it.file_name().unwrap().display())).collect();
    names.sort();
    assert!(!names.is_empty(), "{of} has scenarios");
    names
}

/// The project that a scenario is about.
fn scene_of(scenario: &str) -> Scene {
    match scenario {
        "scenarios/part.lua" => mean(),
        other if other.starts_with("scripted") => numbers(),
        _ => till(),
    }
}

/// Runs a scenario that is to fail; what it said.
fn fails(scene: &Scene, scenario: &str, against: Against) -> String {
    let Some(said) = run(scene, scenario, &json!({}), against) else { return String::new() };
    assert!(
        said.code == Some(1) && !said.stdout.ends_with("passed\n"),
        "{scenario} does not fail against {against:?}:\n{}\n{}",
        said.stdout,
        said.stderr
    );
    said.stdout
}

#[test]
fn every_scenario_fails_against_a_server_that_offers_nothing() {
    for scenario in [scenarios("scenarios"), scenarios("scripted"), scenarios("plain")].concat() {
        let is_plain = scenario.starts_with("plain");
        let nothing = if is_plain { Against::PlainNothing } else { Against::Nothing };
        let said = fails(&scene_of(&scenario), &scenario, nothing);
        // It has the server, and misses what is not offered.
        assert!(!said.contains("in vain for the server to attach"), "{scenario}:\n{said}");
    }
}

#[test]
fn every_scenario_of_the_plug_in_alone_fails_without_the_plug_in() {
    for scenario in scenarios("alone") {
        fails(&till(), &scenario, Against::NoPlugin);
    }
}
