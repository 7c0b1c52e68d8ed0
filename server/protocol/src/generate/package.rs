//! The extension's `package.json` and `package.nls.json` with what is declared here in its place, all else as it is.

use std::ops::Range;

use serde_json::Value;

use super::configuration::configuration;
use crate::commands::{COMMANDS, PREFIX};

/// A `package.json` with its settings and commands in place of what stands there. `None` where it has no
/// `contributes.configuration` or no `contributes.commands` to replace.
pub fn package(old: &str) -> Option<String> {
    let with_settings = with(old, "configuration", &configuration())?;
    with(&with_settings, "commands", &commands())
}

/// A `package.nls.json`, one key a line, with the titles of the commands in place of what stands there.
pub fn titles(old: &str) -> String {
    let is_title = |line: &str| line.trim_start().starts_with("\"command.");
    let titles = COMMANDS.iter().map(|it| format!("  \"command.{}\": {},", it.name, quoted(it.title)));
    let mut lines: Vec<String> = old.lines().filter(|line| !is_title(line)).map(str::to_owned).collect();
    let head = lines.len().min(1);
    lines.splice(head..head, titles);
    lines.join("\n") + "\n"
}

/// The list `contributes.commands`, as it stands two levels deep.
fn commands() -> String {
    let one = |it: &crate::commands::UserCommand| {
        let mut fields = vec![
            ("command", format!("{PREFIX}{}", it.name)),
            ("title", format!("%command.{}%", it.name)),
            ("category", "Bodkin".to_owned()),
        ];
        if !it.icon.is_empty() {
            fields.push(("icon", format!("$({})", it.icon)));
        }
        if it.needs_server {
            fields.push(("enablement", "bodkin.state == running".to_owned()));
        }
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("\n    \"{name}\": {}", quoted(value))).collect();
        format!("\n  {{{}\n  }}", fields.join(","))
    };
    let all: Vec<String> = COMMANDS.iter().map(one).collect();
    format!("[{}\n]", all.join(",")).replace('\n', "\n    ")
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn with(package: &str, key: &str, value: &str) -> Option<String> {
    let contributes = value_of(package, 0..package.len(), "contributes")?;
    let old = value_of(package, contributes, key)?;
    let (before, after) = (package.get(..old.start)?, package.get(old.end..)?);
    Some([before, value, after].concat())
}

/// Where the value of a key of the object in `within` stands.
fn value_of(text: &str, within: Range<usize>, key: &str) -> Option<Range<usize>> {
    let mut depth = 0_usize;
    let mut at = within.start;
    while at < within.end {
        let rest = text.get(at..within.end)?;
        match rest.as_bytes().first()? {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let end = at + string_length(rest)?;
                let is_key = text.get(end..)?.trim_start().starts_with(':');
                if depth == 1 && is_key && text.get(at + 1..end - 1)? == key {
                    let colon = end + text.get(end..)?.find(':')?;
                    return value_at(text, colon + 1);
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn value_at(text: &str, from: usize) -> Option<Range<usize>> {
    let rest = text.get(from..)?;
    let start = from + (rest.len() - rest.trim_start().len());
    let mut values = serde_json::Deserializer::from_str(text.get(start..)?).into_iter::<Value>();
    values.next()?.ok()?;
    Some(start..start + values.byte_offset())
}

/// Length of the string that `text` begins with, quotes included.
fn string_length(text: &str) -> Option<usize> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
    values.next()?.ok()?;
    Some(values.byte_offset())
}
