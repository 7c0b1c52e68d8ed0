//! How many candidates a second? `cargo run --release -p bodkin_repair --example rate -- FILE LINE [LAST]`

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use bodkin_repair::{Certainty, Options, Place, Search};
use bodkin_text::{Line0, Line1, RelPath};
use bodkin_workspace::Workspace;

#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a tool for developers, run by hand")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("FILE LINE")?;
    let line = Line0::from(Line1(arguments.next().ok_or("FILE LINE")?.parse()?));
    let last = arguments.next().map(|it| it.parse()).transpose()?.map(|it| Line0::from(Line1(it)));
    let file = RelPath::new(path.rsplit('/').next().unwrap_or(&path))?;
    let mut workspace = Workspace::new();
    workspace.set_disk(file.clone(), Arc::from(fs::read_to_string(&path)?));
    let snapshot = workspace.snapshot();
    if let Some(file) = snapshot.file(&file) {
        file.syntax();
    }
    let certainty = if last.is_some() { Certainty::Suspected } else { Certainty::Selected };
    let places = [Place { file, lines: (line, last.unwrap_or(line)), certainty }];
    let start = Instant::now();
    let options = Options { max_candidates: 1_000_000, max_proposals: 1_000_000, ..Options::default() };
    let mut search = Search::new(&snapshot, &places, &[], options)?;
    let ready = start.elapsed();
    let first = search.next_batch(64).len();
    let batch = start.elapsed();
    let mut drawn = first;
    loop {
        let more = search.next_batch(1_000).len();
        drawn += more;
        if more == 0 {
            break;
        }
    }
    let all = start.elapsed();
    println!(
        "ready {ready:?}; first {first} drawn by {batch:?}; all {drawn} generated, ordered, parsed by {all:?}"
    );
    println!(
        "worked out {} in all: {:.0} drawn a second",
        search.proposed(),
        drawn as f64 / all.as_secs_f64()
    );
    Ok(())
}
