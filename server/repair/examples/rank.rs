//! At which rank is a known fix? `cargo run -p bodkin_repair --example rank -- FAULTY RIGHT`, or two folders with
//! files of the same names. The faulty line is taken from the first difference; with `--whole` the file is the place.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use bodkin_repair::{Certainty, Options, Place, Search};
use bodkin_text::{Line0, RelPath};
use bodkin_workspace::Workspace;

#[expect(clippy::disallowed_methods, reason = "a tool for developers, run by hand")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let whole = arguments.iter().any(|it| it == "--whole");
    let [faulty, right, rest @ ..] = arguments.as_slice() else {
        return Err("FAULTY RIGHT [--whole] [--top N]".into());
    };
    let top: usize = rest.last().and_then(|it| it.parse().ok()).unwrap_or(0);
    let mut pairs = Vec::new();
    if Path::new(faulty).is_dir() {
        let mut names: Vec<_> =
            fs::read_dir(faulty)?.filter_map(Result::ok).map(|it| it.file_name()).collect();
        names.sort();
        for name in names {
            pairs.push((Path::new(faulty).join(&name), Path::new(right).join(&name)));
        }
    } else {
        pairs.push((faulty.into(), right.into()));
    }
    for (faulty, right) in pairs {
        let (Ok(old), Ok(new)) = (fs::read_to_string(&faulty), fs::read_to_string(&right)) else { continue };
        if let Some(line) = report(&faulty, &old, &new, top, whole) {
            write(&line);
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a tool for developers, run by hand")]
fn write(line: &str) {
    println!("{line}");
}

fn report(path: &Path, old: &str, new: &str, top: usize, whole: bool) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let wanted = code(new);
    let line = code_lines(old).zip(code_lines(new)).find(|((_, a), (_, b))| a != b)?.0.0;
    let mut workspace = Workspace::new();
    let file = RelPath::new(name).ok()?;
    workspace.set_disk(file.clone(), Arc::from(old));
    let line = Line0(u32::try_from(line).ok()?);
    let last = Line0(u32::try_from(code_lines(old).map(|(at, _)| at).last()?).ok()?);
    let (lines, certainty) =
        if whole { ((Line0(0), last), Certainty::Suspected) } else { ((line, line), Certainty::Selected) };
    let places = [Place { file, lines, certainty }];
    let options = Options { max_candidates: 30_000, ..Options::default() };
    let mut search = match Search::new(&workspace.snapshot(), &places, &[], options) {
        Ok(search) => search,
        Err(error) => return Some(format!("{name:40} {error}")),
    };
    let mut rank = 0;
    let mut found = None;
    loop {
        let batch = search.next_batch(100);
        if batch.is_empty() {
            break;
        }
        for candidate in batch {
            rank += 1;
            if rank <= top {
                let edits: Vec<String> =
                    candidate.edits.edits.iter().map(|it| format!("{:?}", it.text)).collect();
                write(&format!(
                    "{rank:6} {:6.2} {:15} {} {}",
                    candidate.cost,
                    candidate.operator,
                    candidate.why,
                    edits.join(" ")
                ));
            }
            let result = candidate.edits.edits.apply(old).unwrap_or_default();
            if found.is_none() && code(&result) == wanted {
                found = Some(format!(
                    "{name:40} line {:3} rank {rank:6} {:6.2} {:15} {}",
                    line.0 + 1,
                    candidate.cost,
                    candidate.operator,
                    candidate.why
                ));
            }
        }
    }
    let found = found.unwrap_or_else(|| format!("{name:40} line {:3} not found", line.0 + 1));
    Some(format!("{found} (of {rank})"))
}

/// Lines with code, without blanks, comments and the text that closes the file.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, String)> + '_ {
    text.split('\n').enumerate().take_while(|(_, it)| !it.starts_with("\"\"\"")).filter_map(|(at, it)| {
        let line = it.split(" #").next().unwrap_or_default().trim_end();
        (!line.trim().is_empty() && !line.trim().starts_with('#'))
            .then(|| (at, line.split(' ').collect::<Vec<_>>().join(" ")))
    })
}

fn code(text: &str) -> Vec<String> {
    code_lines(text).map(|(_, it)| it).collect()
}
