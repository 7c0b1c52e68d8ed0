//! The VS Code extension in a real VS Code, against the real server: in the window, and inside the extension host.
//!
//! `cargo xtask test` sets up what is needed and says where it is; without it these tests say so and pass. Each of
//! them is also run against a server that offers nothing, with which it has to fail. One window at a time is open.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "the tests start editors, say why they do not, and fail by panicking"
)]

mod host;
mod units;
mod window;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use bodkin_tests::binary;

/// What the extension starts as its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Server {
    /// `bodkin`, as it was built for the tests.
    Real,
    /// One that answers, and offers nothing. Less patience is spent on it.
    Silent,
}

impl Server {
    fn program(self) -> PathBuf {
        match self {
            Self::Real => binary::bodkin(),
            Self::Silent => scripts().join("silent-server"),
        }
    }

    fn patience_ms(self) -> &'static str {
        match self {
            Self::Real => "30000",
            Self::Silent => "3000",
        }
    }
}

/// The folder of the scripts that drive the editor.
fn scripts() -> PathBuf {
    binary::repository().join("tests/vscode")
}

/// What a script printed, and whether it went well; `None` where this machine has no VS Code.
fn drive(script: &Path, server: Server) -> Option<(bool, String)> {
    if std::env::var_os("BODKIN_TOOLS").is_none() {
        eprintln!("skipped: no VS Code was set up; `cargo xtask test` does that, or says why it can not");
        return None;
    }
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let mut node = Command::new("node");
    node.arg(scripts().join(script)).env("BODKIN_PROGRAM", server.program());
    node.env("BODKIN_PATIENCE_MS", server.patience_ms()).env("BODKIN_LOGS", "1");
    if server == Server::Silent {
        node.env_remove("BODKIN_ARTEFACTS").env_remove("BODKIN_LOGS");
    }
    let output = node.output().expect("node starts");
    let said = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}
