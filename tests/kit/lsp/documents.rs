//! The documents on the screen: the user types, edits come in, the server is told.

use serde_json::{Value, json};

use super::Editor;
use super::text::Utf16;

impl Editor {
    /// Opens a document with this text, whatever the disk holds.
    pub fn open(&mut self, uri: &str, language: &str, text: &str) {
        self.documents.insert(uri.to_owned(), (1, Utf16::new(text)));
        self.notify(
            "textDocument/didOpen",
            json!({"textDocument": {"uri": uri, "languageId": language, "version": 1, "text": text}}),
        );
    }

    /// The user replaces `from`, which stands there once, by `to`.
    pub fn type_over(&mut self, uri: &str, from: &str, to: &str) {
        let range = self.documents[uri].1.find(from);
        self.edit(uri, &[json!({"range": range, "newText": to})]);
    }

    /// The user adds to the end.
    pub fn append(&mut self, uri: &str, text: &str) {
        let end = self.documents[uri].1.end();
        self.edit(uri, &[json!({"range": {"start": end, "end": end}, "newText": text})]);
    }

    /// The text on the screen.
    pub fn text(&self, uri: &str) -> String {
        self.documents[uri].1.text()
    }

    /// The version on the screen.
    pub fn version(&self, uri: &str) -> i32 {
        self.documents[uri].0
    }

    /// Applies an edit, unless it speaks of another version than the one on the screen.
    pub(super) fn apply(&mut self, edit: &Value) -> bool {
        let mut files: Vec<(String, Value)> = Vec::new();
        for file in edit["documentChanges"].as_array().into_iter().flatten() {
            let uri = file["textDocument"]["uri"].as_str().unwrap();
            if self.documents.get(uri).map(|it| it.0)
                != file["textDocument"]["version"].as_i64().map(|it| it as i32)
            {
                return false;
            }
            files.push((uri.to_owned(), file["edits"].clone()));
        }
        for (uri, edits) in edit["changes"].as_object().into_iter().flatten() {
            files.push((uri.clone(), edits.clone()));
        }
        for (uri, edits) in files {
            self.edit(&uri, edits.as_array().unwrap());
        }
        true
    }

    /// Makes edits of one text at once, and tells the server as editors do: from the last to the first.
    fn edit(&mut self, uri: &str, edits: &[Value]) {
        let (version, text) = self.documents.get_mut(uri).expect("only open documents are edited");
        *version += 1;
        let (version, holds_back) = (*version, self.holds_back);
        let mut ordered = edits.to_vec();
        ordered.sort_by_key(|it| std::cmp::Reverse(text.offset(&it["range"]["start"])));
        let changes: Vec<Value> = ordered
            .iter()
            .map(|it| {
                text.replace(&it["range"], it["newText"].as_str().unwrap());
                json!({"range": it["range"], "text": it["newText"]})
            })
            .collect();
        if !holds_back {
            self.tell(uri, version, json!(changes));
        }
    }

    /// Tells the whole text, with all that was held back.
    pub fn tell_all(&mut self, uri: &str) {
        self.holds_back = false;
        let (version, text) = (self.version(uri), self.text(uri));
        self.tell(uri, version, json!([{"text": text}]));
    }

    fn tell(&mut self, uri: &str, version: i32, changes: Value) {
        let params = json!({"textDocument": {"uri": uri, "version": version}, "contentChanges": changes});
        self.notify("textDocument/didChange", params);
    }
}
