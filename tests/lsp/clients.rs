//! Editors by what they say of themselves: recorded from them where that could be had (VS Code, Neovim, eglot, Kate,
//! Helix), else written down from their sources (Zed).

use bodkin_tests::lsp::Editor;
use serde_json::{Value, json};

use crate::{WRONG, till};

const CLIENTS: [(&str, &str); 6] = [
    ("VS Code", include_str!("clients/vscode.json")),
    ("Neovim", include_str!("clients/neovim.json")),
    ("eglot", include_str!("clients/eglot.json")),
    ("Kate", include_str!("clients/kate.json")),
    ("Helix", include_str!("clients/helix.json")),
    ("Zed", include_str!("clients/zed.json")),
];

/// The range that an editor sends for the first two lines.
fn two_whole_lines(client: &str) -> Vec<Value> {
    let to = |line: u32, character: u32| json!({"start": {"line": 0, "character": 0}, "end": {"line": line, "character": character}});
    let (next_line, last_character) = (to(2, 0), to(1, 16));
    match client {
        "Helix" => vec![next_line],
        "Neovim" => vec![last_character, to(1, 2_147_483_647), to(1, 17)],
        "eglot" | "Kate" => vec![last_character, next_line],
        _ => vec![next_line, last_character],
    }
}

#[test]
fn every_editor_means_the_same_by_two_whole_lines() {
    for (name, recorded) in CLIENTS {
        let project = till();
        let uri = project.uri("till.py");
        let recorded: Value = serde_json::from_str(recorded).unwrap();
        let params = recorded.get("params").unwrap_or(&recorded).clone();
        let offered = params["capabilities"]["general"]["positionEncodings"].to_string();
        let (mut editor, answer) = Editor::start_as(&project, params);
        let capabilities = &answer["result"]["capabilities"];
        let expected = if offered.contains("utf-8") { "utf-8" } else { "utf-16" };
        assert_eq!(capabilities["positionEncoding"], expected, "{name}");
        editor.open(&uri, "python", WRONG);
        for range in two_whole_lines(name) {
            let params = json!({
                "textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": []},
            });
            let answer = editor.request("textDocument/codeAction", params);
            let actions = answer["result"].as_array().unwrap();
            let fix = actions
                .iter()
                .map(|it| if it["command"].is_object() { &it["command"] } else { it })
                .find(|it| it["command"] == "bodkin.fix")
                .unwrap_or_else(|| panic!("{name} is not offered a fix: {answer}"));
            assert_eq!(fix["arguments"][0]["lines"], json!({"first": 0, "last": 1}), "{name} {range}");
            assert_eq!(fix["arguments"][0]["uri"], json!(uri));
        }
        assert_eq!(editor.quit(), 0, "{name}");
    }
}
