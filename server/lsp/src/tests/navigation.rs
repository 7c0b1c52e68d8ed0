//! Symbols, definitions and references: only where the user wants them from this server.

use serde_json::{Value, json};

use super::{Desk, FILE, full_capabilities};

const TEXT: &str = "class Till:\n    def total(self):\n        return 1\n\nprint(Till())\n";

fn desk(with: &[&str], navigation: &str) -> Desk {
    let mut capabilities = full_capabilities();
    for name in with {
        capabilities["textDocument"][name] =
            json!({"dynamicRegistration": true, "hierarchicalDocumentSymbolSupport": true});
        capabilities["workspace"]["symbol"] = json!({"dynamicRegistration": true});
    }
    let mut desk = Desk::with(json!({
        "capabilities": capabilities, "rootUri": "file:///w",
        "initializationOptions": {"bodkin": {"navigation": navigation}},
    }));
    desk.open(TEXT);
    desk
}

fn at(line: u32, character: u32) -> Value {
    json!({
        "textDocument": {"uri": FILE}, "position": {"line": line, "character": character},
        "context": {"includeDeclaration": false},
    })
}

#[test]
fn it_is_off_unless_the_user_wants_it() {
    let mut silent = Desk::silent();
    let plain = json!({"capabilities": full_capabilities(), "rootUri": "file:///w"});
    let answer = silent.request("initialize", plain).unwrap();
    assert_eq!(answer["capabilities"].get("definitionProvider"), None);
    let mut off = desk(&[], "off");
    assert_eq!(off.request_and_work("textDocument/definition", at(4, 7)), Ok(Value::Null));
}

#[test]
fn a_client_that_registers_nothing_later_is_told_at_the_beginning() {
    let mut silent = Desk::silent();
    let options = json!({"bodkin": {"navigation": "on"}});
    let params = json!({
        "capabilities": full_capabilities(), "rootUri": "file:///w", "initializationOptions": options,
    });
    let answer = silent.request("initialize", params).unwrap();
    for provider in ["definition", "references", "documentSymbol", "workspaceSymbol"] {
        assert_eq!(answer["capabilities"][format!("{provider}Provider")], true, "{provider}");
    }
}

#[test]
fn it_is_registered_and_taken_back_as_the_setting_says() {
    let mut desk = desk(&["documentSymbol", "definition", "references"], "off");
    let set = |desk: &mut Desk, to: &str| {
        desk.sent();
        let settings = json!({"bodkin": {"navigation": to}});
        desk.notify("workspace/didChangeConfiguration", json!({ "settings": settings }));
        let sent = desk.sent();
        let named = sent.iter().filter_map(|it| it["method"].as_str()).filter(|it| it.starts_with("client/"));
        named.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(set(&mut desk, "on"), ["client/registerCapability"]);
    assert_eq!(set(&mut desk, "on"), Vec::<String>::new());
    assert_eq!(set(&mut desk, "off"), ["client/unregisterCapability"]);
}

#[test]
fn symbols_come_as_a_tree_where_the_client_takes_one() {
    let mut trees = desk(&["documentSymbol"], "on");
    let params = json!({"textDocument": {"uri": FILE}});
    let tree = trees.request_and_work("textDocument/documentSymbol", params.clone()).unwrap();
    assert_eq!((&tree[0]["name"], &tree[0]["children"][0]["name"]), (&json!("Till"), &json!("total")));
    let mut rows = desk(&[], "on");
    let row = rows.request_and_work("textDocument/documentSymbol", params).unwrap();
    assert_eq!((&row[1]["name"], &row[1]["containerName"]), (&json!("total"), &json!("Till")));
}

#[test]
fn names_lead_to_their_definitions_and_uses() {
    let mut desk = desk(&[], "on");
    let place =
        |it: &Value| format!("{}:{}", it["range"]["start"]["line"], it["range"]["start"]["character"]);
    let found = desk.request_and_work("textDocument/definition", at(4, 7)).unwrap();
    assert_eq!(found.as_array().unwrap().iter().map(place).collect::<Vec<_>>(), ["0:6"]);
    let found = desk.request_and_work("textDocument/references", at(0, 6)).unwrap();
    assert_eq!(found.as_array().unwrap().iter().map(place).collect::<Vec<_>>(), ["4:6"]);
}

#[test]
fn symbols_of_the_workspace_are_found_by_their_letters() {
    let mut desk = desk(&[], "on");
    desk.engine.disk("b.py", "def till_total(): pass\n");
    let mut names = |query: &str| {
        let found = desk.request_and_work("workspace/symbol", json!({ "query": query })).unwrap();
        let name = |it: &Value| it["name"].as_str().unwrap().to_owned();
        found.as_array().unwrap().iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(names("till"), ["Till", "till_total"]);
    assert_eq!(names("tltt"), ["till_total"]);
    assert_eq!(names("zzz"), Vec::<String>::new());
}
