//! Who may use whom: the table of ARCHITECTURE.md, checked against `cargo metadata`.

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Each crate and the crates of ours that it may use.
const MAY_USE: &[(&str, &[&str])] = &[
    ("bodkin_text", &[]),
    ("bodkin_guard", &["bodkin_text"]),
    ("bodkin_workspace", &["bodkin_text"]),
    ("bodkin_repair", &["bodkin_text", "bodkin_workspace"]),
    ("bodkin_agent", &["bodkin_text", "bodkin_guard", "bodkin_workspace", "bodkin_repair"]),
    ("bodkin_protocol", &["bodkin_text", "bodkin_guard", "bodkin_agent"]),
    ("bodkin_sandbox", &["bodkin_text", "bodkin_guard"]),
    ("bodkin_sync", &["bodkin_text", "bodkin_guard"]),
    ("bodkin_e2b", &[]),
    ("bodkin_container", &["bodkin_text", "bodkin_guard", "bodkin_sandbox", "bodkin_sync"]),
    ("bodkin_remote", &["bodkin_text", "bodkin_guard", "bodkin_sandbox", "bodkin_sync", "bodkin_e2b"]),
    ("bodkin_sandboxd", &["bodkin_text", "bodkin_guard", "bodkin_sandbox", "bodkin_sync", "bodkin_e2b"]),
    (
        "bodkin_host",
        &[
            "bodkin_text",
            "bodkin_guard",
            "bodkin_workspace",
            "bodkin_repair",
            "bodkin_agent",
            "bodkin_protocol",
            "bodkin_sandbox",
            "bodkin_sync",
            "bodkin_container",
            "bodkin_remote",
        ],
    ),
    ("bodkin_lsp", &["bodkin_text", "bodkin_protocol", "bodkin_host"]),
    ("bodkin_cli", &["bodkin_text", "bodkin_protocol", "bodkin_host", "bodkin_lsp", "bodkin_sandboxd"]),
];

/// Crates below the line: no IO, no async, no clock.
const PURE: &[&str] = &[
    "bodkin_text",
    "bodkin_guard",
    "bodkin_workspace",
    "bodkin_repair",
    "bodkin_agent",
    "bodkin_protocol",
    "bodkin_e2b",
];

/// What a pure crate may not depend on.
const IMPURE: &[&str] = &["tokio", "reqwest", "notify", "ignore", "libc", "rustix", "tempfile", "walkdir"];

fn dependencies() -> BTreeMap<String, Vec<String>> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(root).no_deps().exec().expect("cargo metadata runs");
    metadata
        .packages
        .iter()
        .map(|package| {
            let uses = package.dependencies.iter().filter(|it| it.kind == DependencyKind::Normal);
            (package.name.to_string(), uses.map(|it| it.name.clone()).collect())
        })
        .collect()
}

#[test]
fn every_crate_uses_only_the_layers_below_it() {
    let found = dependencies();
    for (name, allowed) in MAY_USE {
        let uses =
            found.get(*name).unwrap_or_else(|| panic!("{name} is in the table and not in the workspace"));
        for used in uses.iter().filter(|it| it.starts_with("bodkin_")) {
            assert!(allowed.contains(&used.as_str()), "{name} uses {used}, which its layer does not allow");
        }
    }
}

#[test]
fn every_crate_stands_in_the_table() {
    for name in dependencies().keys().filter(|it| !["xtask", "bodkin_tests"].contains(&it.as_str())) {
        assert!(MAY_USE.iter().any(|it| it.0 == name), "{name} has no place in the layers");
    }
}

#[test]
fn the_pure_band_knows_no_disk_process_clock_or_network() {
    let found = dependencies();
    for name in PURE {
        for used in &found[*name] {
            assert!(!IMPURE.contains(&used.as_str()), "{name} is pure and uses {used}");
        }
    }
}
