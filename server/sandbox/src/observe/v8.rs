//! Node: the engine's own block coverage says which lines ran (`NODE_V8_COVERAGE`).
//!
//! Only for files that run as they stand: what a bundler or a compiler transformed first maps to other lines, and
//! nothing is told of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bodkin_text::{Line1, RelPath};
use serde::Deserialize;

use crate::launch::{Launch, OUT_DIR};

/// The folder of the engine's reports.
const FOLDER: &str = "v8";

/// Files that Node runs as they stand.
const KINDS: [&str; 6] = ["js", "cjs", "mjs", "ts", "mts", "cts"];

/// Has every Node that starts tell what ran.
pub(super) fn join(launch: &mut Launch, targets: &[&RelPath]) {
    if targets.iter().any(|path| path.extension().is_some_and(|it| KINDS.contains(&it))) {
        let folder = format!("{OUT_DIR}/{FOLDER}");
        launch.env.entry("NODE_V8_COVERAGE".to_owned()).or_insert(folder);
    }
}

#[derive(Deserialize)]
struct Report {
    result: Vec<Script>,
}

#[derive(Deserialize)]
struct Script {
    url: String,
    functions: Vec<Function>,
}

#[derive(Deserialize)]
struct Function {
    ranges: Vec<Range>,
}

/// UTF-16 code units of the script, and how often they ran.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Range {
    start_offset: usize,
    end_offset: usize,
    count: u64,
}

/// The lines of the targets that ran. Each target comes with what it held.
pub(super) fn lines(
    collected: &[(String, Vec<u8>)],
    root: &str,
    targets: &[(RelPath, Arc<str>)],
) -> Vec<(RelPath, Vec<Line1>)> {
    let mut found: BTreeMap<RelPath, BTreeSet<Line1>> = BTreeMap::new();
    let reports = collected.iter().filter(|(name, _)| name.starts_with("v8/") && name.ends_with(".json"));
    for report in reports.filter_map(|(_, text)| serde_json::from_slice::<Report>(text).ok()) {
        for script in report.result {
            let Some((path, text)) = targets.iter().find(|(path, _)| script.url == url(root, path)) else {
                continue;
            };
            if let Some(lines) = executed(text, &script.functions) {
                found.entry(path.clone()).or_default().extend(lines);
            }
        }
    }
    found.into_iter().map(|(path, lines)| (path, lines.into_iter().collect())).collect()
}

/// A file's address as Node writes it.
fn url(root: &str, path: &RelPath) -> String {
    let mut url = "file://".to_owned();
    for byte in format!("{root}/{path}").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => url.push(byte.into()),
            b'/' | b'.' | b'-' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+'
            | b',' => {
                url.push(byte.into());
            }
            b';' | b'=' | b':' | b'@' => url.push(byte.into()),
            byte => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url
}

/// Lines that hold something that ran. `None` when the ranges are not those of this text.
fn executed(text: &str, functions: &[Function]) -> Option<BTreeSet<Line1>> {
    let size = text.encode_utf16().count();
    let ranges: Vec<Range> = functions.iter().flat_map(|function| function.ranges.iter().copied()).collect();
    // The script's own function spans the whole text: another length is another text.
    if !ranges.iter().any(|range| range.start_offset == 0 && range.end_offset == size) {
        return None;
    }
    let mut counts = vec![0_u64; size];
    // Inner ranges override outer ones: paint the long ones first.
    let mut ordered = ranges;
    ordered.sort_by_key(|range| std::cmp::Reverse(range.end_offset.saturating_sub(range.start_offset)));
    for range in ordered {
        for count in counts.get_mut(range.start_offset..range.end_offset.min(size)).unwrap_or_default() {
            *count = range.count;
        }
    }
    let mut lines = BTreeSet::new();
    let (mut line, mut at) = (1, 0);
    for char in text.chars() {
        if !char.is_whitespace() && counts.get(at).is_some_and(|count| *count > 0) {
            lines.insert(Line1(line));
        }
        at += char.len_utf16();
        line += u32::from(char == '\n');
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start_offset: usize, end_offset: usize, count: u64) -> Range {
        Range { start_offset, end_offset, count }
    }

    #[test]
    fn a_line_ran_if_its_innermost_range_did() {
        let text = "let s = '𝄞';\nfunction f() {\n  one();\n}\nif (s) {\n  two();\n}\nf();\n";
        let at = |part: &str| text.get(..text.find(part).unwrap()).unwrap().encode_utf16().count();
        let functions = [
            Function {
                ranges: vec![
                    range(0, text.encode_utf16().count(), 1),
                    range(at("{\n  two"), at("\nf();"), 0),
                ],
            },
            Function { ranges: vec![range(at("function"), at("\nif"), 3)] },
        ];
        let lines: Vec<u32> = executed(text, &functions).unwrap().iter().map(|line| line.0).collect();
        assert_eq!(lines, [1, 2, 3, 4, 5, 8]);
    }

    #[test]
    fn ranges_of_another_text_tell_nothing() {
        assert!(executed("short", &[Function { ranges: vec![range(0, 99, 1)] }]).is_none());
    }

    #[test]
    fn a_file_address_is_written_as_node_writes_it() {
        assert_eq!(url("/a b", &RelPath::new("é[1].js").unwrap()), "file:///a%20b/%C3%A9%5B1%5D.js");
    }
}
