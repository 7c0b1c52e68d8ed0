//! What this machine has to run tests with. A test that needs what is missing says so and passes.

use std::path::Path;
use std::sync::OnceLock;

use crate::scene::Scene;

/// Emacs 29 brings eglot along, Debian's package `elpa-eglot` lays it in a folder of its own.
const HAS_EGLOT: &str = r#"(unless (or (locate-library "eglot")
    (file-expand-wildcards "/usr/share/emacs/site-lisp/elpa/eglot-*")) (kill-emacs 1))"#;

/// A program that a test may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// `python3`, 3.8 or later, with its standard library.
    Python,
    /// `python3 -m pytest`.
    Pytest,
    /// `node`, 20 or later, with its own test runner.
    Node,
    /// `npm`.
    Npm,
    /// `emacs` with eglot, of its own or of the distribution.
    Eglot,
    /// Leave to mount a file system of its own, by `unshare -m`; root has it.
    PrivateMount,
}

impl Tool {
    /// Whether it is here; asked once.
    pub fn is_here(self) -> bool {
        static FOUND: [OnceLock<bool>; 6] = [const { OnceLock::new() }; 6];
        let found = FOUND.get(self as usize).expect("one place for each tool");
        *found.get_or_init(|| self.look())
    }

    /// Whether it is here now.
    pub fn look(self) -> bool {
        let words: &[&str] = match self {
            Self::Python => &["python3", "-c", "import sys, unittest; sys.exit(sys.version_info < (3, 8))"],
            Self::Pytest => &["python3", "-m", "pytest", "--version"],
            Self::Node => &["node", "-e", "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)"],
            Self::Npm => &["npm", "--version"],
            Self::Eglot => &["emacs", "-Q", "--batch", "--eval", HAS_EGLOT],
            Self::PrivateMount => &["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"],
        };
        succeeds(words)
    }
}

/// Whether all of `tools` are here; a line on standard error says which test is skipped for want of which.
pub fn have(test: &str, tools: &[Tool]) -> bool {
    let missing: Vec<Tool> = tools.iter().copied().filter(|tool| !tool.is_here()).collect();
    if !missing.is_empty() {
        eprintln!("skipped: {test}: this machine has no {missing:?}");
    }
    missing.is_empty()
}

/// Leaves a test that needs tools which this machine does not have.
#[macro_export]
macro_rules! needs {
    ($($tool:ident),+) => {
        let test = std::thread::current().name().unwrap_or("a test").to_owned();
        if !$crate::tools::have(&test, &[$($crate::tools::Tool::$tool),+]) {
            return;
        }
    };
}

/// Asked as a scene sees the machine: a tool that needs the user's own home is none.
fn succeeds(words: &[&str]) -> bool {
    let Some((program, rest)) = words.split_first() else { return false };
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .any(|folder| folder.join(program).is_file());
    found && Scene::empty().call(Path::new(program), rest).run().code == Some(0)
}
