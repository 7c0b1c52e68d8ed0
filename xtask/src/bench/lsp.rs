//! How long an editor waits: for the server to say hello, for actions while a run is going, for a command to be
//! answered, for the first plan.

use std::time::Instant;

use anyhow::Result;
use bodkin_tests::lsp::{Editor, Project, full_capabilities};
use clap::Args;
use serde_json::{Value, json};

use super::stats::{median, percentile};
use crate::tool;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many times code actions are asked for.
    #[arg(long, default_value_t = 1_000)]
    requests: u32,
    /// How many servers and how many runs are begun.
    #[arg(long, default_value_t = 20)]
    rounds: u32,
}

/// Prints p50, p99 and the worst of each wait.
pub(crate) fn run(options: &Options) -> Result<()> {
    let bodkin = tool::release_binary()?;
    let project = long_search();
    println!("{:<46} {:>8} {:>8} {:>8} {:>8}  ms", "wait", "median", "p99", "worst", "target");
    let mut hello = Vec::new();
    for _ in 0..options.rounds {
        let began = Instant::now();
        let editor = Editor::start_program(&bodkin, &project, full_capabilities());
        hello.push(ms(began));
        editor.quit();
    }
    print("start to `initialize` answered", &hello, "< 50");

    let mut editor = Editor::start_program(&bodkin, &project, full_capabilities());
    let uri = project.uri("long.py");
    editor.open(&uri, "python", &project.read("long.py"));
    let argument = json!({"uri": uri, "lines": null, "version": null, "test": null});
    let (mut answered, mut planned) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        let began = Instant::now();
        let run = begin(&mut editor, &argument);
        answered.push(ms(began));
        editor.wait_for_plan(&run);
        planned.push(ms(began));
        editor.command("bodkin.cancel", json!({ "runId": run }));
        editor.progress_end(&run);
    }
    print("`bodkin.fix` answered with its run", &answered, "<= 20");
    print("first plan on the screen", &planned, "<= 300");

    let run = begin(&mut editor, &argument);
    editor.wait_for_plan(&run);
    let (mut quiet, mut typed) = (Vec::new(), Vec::new());
    for round in 0..options.requests {
        let typing = round % 2 == 1;
        let began = Instant::now();
        if typing {
            editor.append(&uri, "# typed\n");
        }
        let actions = editor.actions(&uri, 1, 3);
        let waits = if typing { &mut typed } else { &mut quiet };
        waits.push(ms(began));
        anyhow::ensure!(actions.len() == 1, "the action is not offered");
    }
    let going = editor.is_going(&run);
    print("code action while a run is going", &quiet, "p99 <= 50");
    print("a line typed, then code action, the same", &typed, "p99 <= 50");
    println!(
        "the run was {} when the last was answered",
        if going { "still going" } else { "over (these figures say less)" }
    );
    editor.quit();
    Ok(())
}

fn begin(editor: &mut Editor, argument: &Value) -> String {
    let answer = editor.command("bodkin.fix", argument.clone());
    answer.pointer("/result/runId").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn ms(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1000.0
}

fn print(what: &str, waits: &[f64], target: &str) {
    let (middle, p99, worst) = (median(waits), percentile(waits, 0.99), percentile(waits, 1.0));
    println!("{what:<46} {middle:>8.2} {p99:>8.2} {worst:>8.2} {target:>8}");
}

/// A file of 1,500 lines whose test no change can mend, so that the search goes on.
fn long_search() -> Project {
    let mut text = String::new();
    for number in 0..250 {
        text.push_str(&format!(
            "def step_{number}(a, b):\n    total = a + {number}\n    if total < b:\n        return total - b\n    return total * 2\n\n"
        ));
    }
    let test = "import time, unittest\nimport long\n\n\nclass Never(unittest.TestCase):\n    def test_it(self):\n        \
                time.sleep(0.02)\n        self.assertEqual([long.step_1(2, 3), long.step_2(4, 5)], 'never')\n";
    Project::new(&[("long.py", &text), ("test_long.py", test)])
}
