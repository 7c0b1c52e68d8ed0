//! What the caller tells about the host. The crate reads no environment itself.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// Variables of the host that say where tools are. Those that name an existing folder enter the sandbox,
/// with the two that name a version; every other variable of the host stays outside.
pub const TOOLCHAIN_VARIABLES: [&str; 15] = [
    "CARGO_HOME",
    "CONDA_PREFIX",
    "GOCACHE",
    "GOMODCACHE",
    "GOPATH",
    "GOROOT",
    "GRADLE_USER_HOME",
    "JAVA_HOME",
    "MAVEN_HOME",
    "NVM_DIR",
    "PYENV_ROOT",
    "PYENV_VERSION",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "VIRTUAL_ENV",
];

/// What the local sandbox must know of the host.
#[derive(Debug, Clone, Default)]
pub struct LocalOptions {
    /// The program that is started as the helper; it calls `init_if_asked` first thing in its `main`.
    /// For a program that is its own helper `/proc/self/exe` outlives an update of the file on disk.
    pub helper: PathBuf,
    /// A folder of our own, for copies where the kernel refuses overlays; made when needed.
    pub scratch: PathBuf,
    /// The host's PATH: where tools are looked for.
    pub path_env: OsString,
    /// The user's home, if there is one.
    pub home: Option<PathBuf>,
    /// Those of [`TOOLCHAIN_VARIABLES`] that are set.
    pub env: BTreeMap<String, OsString>,
    /// Weaker walls than the machine offers.
    pub force: Option<Force>,
    /// Keep what runs write into the caches of tools (`~/.cargo/registry`, `~/.cache/go-build` …), for later runs over
    /// the same workspace, in [`LocalOptions::scratch`]. They are then bounded by no limit but that of one file.
    pub keep_caches: bool,
    /// Run where the kernel offers neither namespaces nor Landlock, so that a command may read and write whatever
    /// the user may: only if the user said so in these words (setting `allow_unwalled`).
    pub allow_unwalled: bool,
}

/// Weaker walls than the machine offers: for tests, and for machines where the strong ones misbehave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// Namespaces, but the workspace copied into them.
    Copy,
    /// No namespaces.
    Reduced,
}
