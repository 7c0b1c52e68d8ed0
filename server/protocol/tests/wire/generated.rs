//! What is written for the clients is what the types and the table of settings say.
//! `UPDATE_EXPECT=1 cargo test -p bodkin_protocol --test wire` writes it anew.

use bodkin_protocol::commands::COMMANDS;
use bodkin_protocol::generate::{configuration, lua, package, typescript};
use bodkin_protocol::methods::{ACCEPT, DECLINE, How, METHODS};
use bodkin_protocol::settings::SETTINGS;
use expect_test::{expect, expect_file};
use serde_json::{Value, json};

#[test]
fn the_types_for_typescript_are_written_from_ours() {
    expect_file!["../../../../editors/vscode/src/protocol.ts"].assert_eq(&typescript::typescript());
}

#[test]
fn the_classes_for_lua_are_written_from_our_types() {
    expect_file!["../../../../editors/neovim/lua/bodkin/protocol.lua"].assert_eq(&lua::lua());
}

#[test]
fn the_page_of_settings_is_written_from_their_table() {
    expect_file!["../../../../docs/settings.md"].assert_eq(&configuration::settings_page());
}

#[test]
fn the_settings_and_commands_of_the_extension_are_those_of_the_tables() {
    let generated = package::package(include_str!("../../../../editors/vscode/package.json"));
    let generated = generated.expect("package.json has settings and commands to replace");
    expect_file!["../../../../editors/vscode/package.json"].assert_eq(&generated);
    let titles = package::titles(include_str!("../../../../editors/vscode/package.nls.json"));
    expect_file!["../../../../editors/vscode/package.nls.json"].assert_eq(&titles);
}

#[test]
fn every_command_of_the_server_can_be_given_by_a_user() {
    for method in METHODS.iter().filter(|it| it.how == How::Command) {
        // `decide` says what these two say, and hunk by hunk.
        let is_older = [ACCEPT, DECLINE].contains(&method.name);
        let leads_here = COMMANDS.iter().any(|it| it.leads_to == Some(method.name));
        assert!(leads_here != is_older, "{}", method.name);
    }
    for it in COMMANDS {
        let known = it.leads_to.is_none_or(|name| METHODS.iter().any(|it| it.name == name));
        assert!(known, "{} leads nowhere", it.name);
    }
}

#[test]
fn a_package_keeps_all_but_its_settings_and_commands() {
    let old = r#"{
  "configuration": 1,
  "contributes": {
    "commands": [{"configuration": "é{", "title": "a \" }"}],
    "configuration": {"old": [1, "}"]},
    "menus": {"commands": []}
  }
}
"#;
    let new = package::package(old).unwrap();
    let value: Value = serde_json::from_str(&new).unwrap();
    assert_eq!(value["configuration"], 1);
    assert_eq!(value["contributes"]["menus"], json!({"commands": []}));
    let commands = value["contributes"]["commands"].as_array().unwrap();
    assert_eq!(commands.len(), COMMANDS.len());
    assert_eq!(commands[0]["command"], "bodkin.ui.fix");
    let settings = &value["contributes"]["configuration"]["properties"];
    assert_eq!(settings["bodkin.review"]["enum"], json!(["hunks", "apply"]));
    assert_eq!(settings["bodkin.allowReduced"]["scope"], "machine");
    assert_eq!(settings.as_object().unwrap().len(), SETTINGS.len());
    assert_eq!(package::package(&new).as_deref(), Some(new.as_str()), "once is enough");
    assert_eq!(package::package("{}"), None);
}

#[test]
fn titles_are_replaced_and_all_else_stays() {
    let old = "{\n  \"command.gone\": \"Gone\",\n  \"view.runs\": \"Runs\"\n}\n";
    let new = package::titles(old);
    let value: Value = serde_json::from_str(&new).unwrap();
    assert_eq!(
        (&value["command.fix"], &value["view.runs"]),
        (&json!("Fix the Selected Lines"), &json!("Runs"))
    );
    assert_eq!(value.get("command.gone"), None);
    assert_eq!(package::titles(&new), new, "once is enough");
}

#[test]
fn every_name_that_is_spoken_is_in_both_languages_once() {
    let (ts, lua) = (typescript::typescript(), lua::lua());
    for method in METHODS {
        let said = METHODS.iter().filter(|it| it.name == method.name).count();
        let quoted = format!(": '{}',", method.name);
        assert_eq!(ts.matches(&quoted).count(), said, "{quoted}");
        assert_eq!(lua.matches(&format!(" = '{}',", method.name)).count(), said, "{quoted}");
    }
    assert!(!ts.contains(": any;") && !ts.contains("unknown;"), "every type is known");
}

#[test]
fn a_variant_is_told_apart_by_its_kind() {
    let ts = typescript::typescript();
    let from = ts.find("export interface NewsUndone").unwrap();
    let text: String = ts[from..].lines().take(5).map(|it| format!("{it}\n")).collect();
    expect![[r#"
        export interface NewsUndone {
            kind: 'undone';
            /** Which. */
            checkpoint: string;
        }
    "#]]
    .assert_eq(&text);
}
