//! A client that stops reading for long: how much the server holds for it, and how soon it has everything afterwards.
//!
//! The tests count the same in messages; here the seconds pass.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bodkin_tests::lsp::{Editor, Project, plug_in_capabilities};
use clap::Args;
use serde_json::{Value, json};

use crate::tool;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How long nothing is read.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// How many code actions are asked for meanwhile, spread evenly; a run is begun half-way.
    #[arg(long, default_value_t = 3_000)]
    requests: u32,
}

const WRONG: &str = "def total(a, b):\n    return a - b\n";
const TESTS: &str = "import unittest\nfrom till import total\n\n\nclass Total(unittest.TestCase):\n    \
                     def test_of_two(self):\n        self.assertEqual(total(2, 3), 5)\n";

/// Prints what the server held, and how long everything took once it was read.
pub(crate) fn run(options: &Options) -> Result<()> {
    let bodkin = tool::release_binary()?;
    let project = Project::new(&[("till.py", WRONG), ("test_till.py", TESTS)]);
    let mut editor = Editor::start_program(&bodkin, &project, plug_in_capabilities());
    let uri = project.uri("till.py");
    editor.open(&uri, "python", WRONG);
    editor.actions(&uri, 1, 1);
    let before_kib = editor.memory_kib();
    let range = json!({"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 0}});
    let params = json!({"textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": []}});
    let lines = json!({"uri": uri, "lines": {"first": 1, "last": 1}});
    editor.stop_reading();
    let (began, mut asked, mut writing) = (Instant::now(), Vec::new(), Duration::ZERO);
    for at in 0..options.requests {
        let due = Duration::from_secs(options.seconds) * at / options.requests;
        thread::sleep(due.saturating_sub(began.elapsed()));
        let written = Instant::now();
        asked.push(editor.ask("textDocument/codeAction", params.clone()));
        if at == options.requests / 2 {
            editor.ask("workspace/executeCommand", json!({"command": "bodkin.fix", "arguments": [lines]}));
        }
        writing += written.elapsed();
    }
    thread::sleep(Duration::from_secs(options.seconds).saturating_sub(began.elapsed()));
    let during_kib = editor.memory_kib();
    let read = Instant::now();
    editor.read_on();
    for id in asked {
        ensure!(
            editor.answer_to(id).pointer("/result").is_some_and(Value::is_array),
            "a question was not answered"
        );
    }
    editor.wait_for("the offer", |it| it.pointer("/params/news/kind").is_some_and(|it| it == "offered"));
    let told = read.elapsed();
    println!(
        "nothing was read for {} s, {} questions and a fix were asked",
        options.seconds, options.requests
    );
    println!("memory before and at the end of it  {before_kib} KiB, {during_kib} KiB");
    println!("writing all of them took            {:.2} s", writing.as_secs_f64());
    println!("every answer and the offer were there {:.2} s after reading on", told.as_secs_f64());
    ensure!(editor.quit() == 0, "the server did not end in order");
    Ok(())
}
