//! The sandbox of this machine: Linux namespaces around a command, started in a few milliseconds.
//!
//! Knows what of the host a command needs to see; reads no environment itself. Where the kernel refuses,
//! it falls back to weaker walls and says so in [`Isolation::missing`], never silently.
//! invariants: network-off-unless-permitted, only-deltas-cross, a-killed-run-leaves-no-process

mod caches;
pub(crate) mod egress;
mod environment;
mod fence;
mod leash;
mod level;
pub mod living;
mod moved;
pub(crate) mod order;
pub(crate) mod pieces;
mod places;
mod pyenv;
pub(crate) mod run;
mod running;
pub(crate) mod scratch;
pub(crate) mod session;
mod spawn;
mod stem;
mod toolchain;
pub(crate) mod wire;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bodkin_guard::action::Network;
use bodkin_guard::report::Isolation;

use crate::launch::Launch;
use crate::options::LocalOptions;
use crate::{Cancel, SandboxError};
use spawn::Way;
use wire::Walls;

pub use crate::options::TOOLCHAIN_VARIABLES;
pub use leash::Leash;
pub use running::{Io, Running};

/// Starts commands on this machine, each in a sandbox of its own.
/// Clones are one and the same.
#[derive(Debug, Clone)]
pub struct LocalSandbox(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    options: LocalOptions,
    level: OnceLock<Result<level::Level, String>>,
    fences: OnceLock<fence::Fences>,
    runs: scratch::Runs,
    stem: stem::Stem,
    /// Workspaces that the strongest way is not possible for, and the one that is.
    ways: Mutex<BTreeMap<PathBuf, Way>>,
    sessions: session::Sessions,
}

impl LocalSandbox {
    /// A sandbox maker; looks at nothing yet.
    pub fn new(options: LocalOptions) -> Self {
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        // The helper starts in another folder.
        let options = LocalOptions {
            helper: absolute(&options.helper),
            scratch: absolute(&options.scratch),
            ..options
        };
        Self(Arc::new(Shared {
            runs: scratch::Runs::below(&options.scratch),
            options,
            level: OnceLock::new(),
            fences: OnceLock::new(),
            stem: stem::Stem::default(),
            ways: Mutex::default(),
            sessions: session::Sessions::default(),
        }))
    }

    /// How strong the walls are on this machine: found by building them once, remembered.
    pub fn isolation(&self) -> Isolation {
        match self.level() {
            Ok(level) => level.isolation(),
            Err(SandboxError::Unavailable { why, .. }) => level::unusable(why),
            Err(other) => level::unusable(other.to_string()),
        }
    }

    /// What the walls are made of on this machine, in a few words each; nothing where none stand.
    pub fn holds(&self) -> Vec<String> {
        let fence = self.means().fences.words();
        self.level().map(|level| level.holds(&fence)).unwrap_or_default()
    }

    /// Starts a command; comes back when it is running, or with what stood in the way.
    pub fn launch(&self, launch: Launch) -> Result<Running, SandboxError> {
        self.launch_unless(launch, &Cancel::new())
    }

    /// Starts a command; one that is cancelled before it runs comes back to be waited for with the same switch.
    pub fn launch_unless(&self, launch: Launch, cancel: &Cancel) -> Result<Running, SandboxError> {
        let level = self.level()?;
        if launch.network != Network::Off && level.way.walls == Walls::Reduced {
            return Err(SandboxError::Unavailable {
                why: "single hosts can be let through only where the network can be cut off".to_owned(),
                next_step: "`bodkin doctor` says why this machine refuses it".to_owned(),
            });
        }
        let workspace = self.workspace(&launch.root)?;
        self.build(&launch, &workspace, None, cancel)
    }

    /// Builds the walls over a canonical workspace, as strong as it allows.
    fn build(
        &self,
        launch: &Launch,
        workspace: &Path,
        plan: Option<&session::plan::Plan>,
        cancel: &Cancel,
    ) -> Result<Running, SandboxError> {
        let level = self.level()?;
        let mut way = self.ways().get(workspace).copied().unwrap_or(level.way);
        let job = spawn::Job { options: &self.0.options, launch, workspace, plan };
        loop {
            let weaker = match job.start(way, &self.means(), cancel) {
                Err(spawn::Failure::Layering(_)) if way.walls == Walls::Overlay => {
                    Way { walls: Walls::Copy, ..way }
                }
                Err(spawn::Failure::Owners(_)) if !way.keeps_root => Way { keeps_root: true, ..way },
                other => return Ok(other?.over(level.at(way).isolation())),
            };
            self.ways().insert(workspace.to_path_buf(), weaker);
            way = weaker;
        }
    }

    fn ways(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Way>> {
        self.0.ways.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn level(&self) -> Result<&level::Level, SandboxError> {
        self.0.level.get_or_init(|| level::find(&self.0.options, &self.means())).as_ref().map_err(|why| {
            SandboxError::Unavailable {
                why: why.clone(),
                next_step: "`bodkin doctor` lists what this machine offers".to_owned(),
            }
        })
    }

    fn means(&self) -> spawn::Means<'_> {
        let fences = self.0.fences.get_or_init(fence::Fences::find);
        spawn::Means { fences, runs: &self.0.runs, stem: &self.0.stem }
    }

    /// The canonical workspace. One that holds the user's home or the system would open them to the command.
    fn workspace(&self, root: &Path) -> Result<PathBuf, SandboxError> {
        let workspace = root
            .canonicalize()
            .map_err(SandboxError::io(format!("opening the workspace {}", root.display())))?;
        let holds_home = self.0.options.home.as_ref().is_some_and(|home| home.starts_with(&workspace));
        if holds_home || places::is_system(&workspace) {
            return Err(SandboxError::Unavailable {
                why: format!("{} holds more than one project", workspace.display()),
                next_step: "open the folder of the project itself".to_owned(),
            });
        }
        Ok(workspace)
    }
}
