//! Starts Neovim on a scene as a user has it: their own init.lua with one line, the plug-in, the server.

use std::path::PathBuf;

use bodkin_tests::{Said, Scene, binary, neovim};
use serde_json::{Value, json};

/// Far above what anything takes; only a fault waits that long.
const PATIENCE: &str = "90000";
/// Enough for a server that answers at once and offers nothing.
const LITTLE_PATIENCE: &str = "1500";

/// What a scenario is run against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Against {
    /// The real server.
    Bodkin,
    /// A server that offers one change of two files and three hunks, which the repair engine does not make.
    Scripted,
    /// The real server, without the plug-in: the scenario says how it is started.
    Plain,
    /// A server that offers nothing.
    Nothing,
    /// The same, without the plug-in.
    PlainNothing,
    /// No plug-in at all.
    NoPlugin,
}

/// Where the tests of the plug-in are.
pub(crate) fn folder() -> PathBuf {
    binary::repository().join("tests/neovim")
}

/// Runs a scenario with these settings of the user; nothing where there is no Neovim.
pub(crate) fn run(scene: &Scene, scenario: &str, options: &Value, against: Against) -> Option<Said> {
    let editor = neovim::program()?;
    let text = |path: PathBuf| path.display().to_string();
    let script = |name: &str| json!([text(editor.clone()), "-l", text(folder().join(name))]);
    let server = match against {
        Against::Bodkin | Against::Plain | Against::NoPlugin => json!([text(binary::bodkin()), "lsp"]),
        Against::Scripted => script("scripted.lua"),
        Against::Nothing | Against::PlainNothing => script("nothing.lua"),
    };
    let mut options = options.clone();
    options["cmd"] = server;
    let plugin = match against {
        Against::Bodkin | Against::Scripted | Against::Nothing => {
            text(binary::repository().join("editors/neovim"))
        }
        Against::Plain | Against::PlainNothing | Against::NoPlugin => String::new(),
    };
    let (init, scenario) = (text(folder().join("init.lua")), text(folder().join(scenario)));
    let call = scene.call(&editor, &["--headless", "-u", &init, "-i", "NONE"]);
    let (start, patience) = match against {
        Against::Bodkin | Against::Scripted | Against::Plain => (PATIENCE, PATIENCE),
        Against::Nothing | Against::PlainNothing => (PATIENCE, LITTLE_PATIENCE),
        Against::NoPlugin => (LITTLE_PATIENCE, LITTLE_PATIENCE),
    };
    Some(
        call.env("BODKIN_PLUGIN", &plugin)
            .env("BODKIN_TEST_SCENARIO", &scenario)
            .env("BODKIN_TEST_KIT", &text(folder()))
            .env("BODKIN_TEST_OPTIONS", &options.to_string())
            .env("BODKIN_TEST_BINARY", &text(binary::bodkin()))
            .env("BODKIN_TEST_START_MS", start)
            .env("BODKIN_TEST_PATIENCE_MS", patience)
            .run(),
    )
}

/// Runs a scenario against the real server, and fails with what it says.
pub(crate) fn passes(scene: &Scene, scenario: &str, options: &Value) {
    passes_against(Against::Bodkin, scene, scenario, options);
}

/// Runs a scenario, and fails with what it says.
pub(crate) fn passes_against(against: Against, scene: &Scene, scenario: &str, options: &Value) {
    let Some(said) = run(scene, scenario, options, against) else { return };
    assert!(
        said.code == Some(0) && said.stdout.ends_with("passed\n"),
        "{scenario}:\n{}\n{}",
        said.stdout,
        said.stderr
    );
}
