//! What is written for the clients is what the types and the table of settings say.
//! `UPDATE_EXPECT=1 cargo test -p bodkin_protocol --test wire` writes it anew.

use std::path::Path;

use bodkin_protocol::generate::{configuration, lua, typescript};
use bodkin_protocol::methods::METHODS;
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

#[expect(clippy::disallowed_methods, reason = "the test looks at a file of the repository")]
#[test]
fn the_settings_of_the_extension_are_those_of_the_table() {
    let path = "../../editors/vscode/package.json";
    // The extension may not be there yet; what is there has our settings.
    if Path::new(path).is_file() {
        let package = std::fs::read_to_string(path).unwrap();
        let generated = configuration::with_configuration(&package);
        let generated = generated.expect("package.json has a `contributes.configuration` to replace");
        expect_file!["../../../../editors/vscode/package.json"].assert_eq(&generated);
    }
}

#[test]
fn a_package_keeps_all_but_its_configuration() {
    let package = r#"{
  "configuration": 1,
  "contributes": {
    "commands": [{"configuration": "é{", "title": "a \" }"}],
    "configuration": {"old": [1, "}"]},
    "menus": {}
  }
}
"#;
    let new = configuration::with_configuration(package).unwrap();
    let value: Value = serde_json::from_str(&new).unwrap();
    assert_eq!((&value["configuration"], &value["contributes"]["menus"]), (&json!(1), &json!({})));
    assert_eq!(value["contributes"]["commands"][0]["title"], "a \" }");
    let settings = &value["contributes"]["configuration"]["properties"];
    assert_eq!(settings["bodkin.review"]["enum"], json!(["hunks", "apply"]));
    assert_eq!(settings["bodkin.allowReduced"]["scope"], "machine");
    assert_eq!(settings.as_object().unwrap().len(), SETTINGS.len());
    assert_eq!(configuration::with_configuration(&new).as_deref(), Some(new.as_str()), "once is enough");
    assert_eq!(configuration::with_configuration("{}"), None);
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
