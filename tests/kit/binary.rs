//! Finds the programs of this repository as they were built for the tests.

use std::env;
use std::path::PathBuf;

/// The program `bodkin`: `BODKIN_BIN` where it is set, else the one in the folder of this build.
///
/// # Panics
/// If it was not built. Cargo builds no programs of other packages for a test.
pub fn bodkin() -> PathBuf {
    if let Some(named) = env::var_os("BODKIN_BIN") {
        return PathBuf::from(named);
    }
    // This runs in target/<profile>/deps/<test>.
    let test = env::current_exe().expect("the test knows its own file");
    let profile = test.ancestors().nth(2).expect("a test lies in target/<profile>/deps");
    let program = profile.join(format!("bodkin{}", env::consts::EXE_SUFFIX));
    assert!(
        program.is_file(),
        "{} is not built: `cargo build -p bodkin_cli` builds it, `cargo xtask test` does both",
        program.display()
    );
    program
}

/// Whether [`bodkin`] is a debug build, which can be told where to die.
pub fn can_be_told_to_die() -> bool {
    cfg!(debug_assertions)
}

/// The folder of the repository.
pub fn repository() -> PathBuf {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the tests lie in the repository").to_owned()
}
