//! Finds out how strong the walls are on this machine, by building them.
//!
//! System settings are not asked: containers, distributions and kernels refuse in too many ways.

use std::path::Path;

use bodkin_guard::report::{Isolation, IsolationLevel};

use super::fence::Fences;
use super::scratch::Runs;
use super::spawn::{self, Failure};
use super::wire::Walls;
use crate::options::{Force, LocalOptions};

/// Walls that stood when they were tried.
#[derive(Debug, Clone)]
pub(super) struct Level {
    pub(super) walls: Walls,
    /// Why stronger walls did not stand, in sentences.
    refused: Vec<String>,
}

impl Walls {
    /// These walls with the workspace copied.
    pub(super) fn min_copy(self) -> Self {
        match self {
            Self::Overlay | Self::Copy => Self::Copy,
            Self::Reduced => Self::Reduced,
        }
    }
}

impl Level {
    pub(super) fn isolation(&self) -> Isolation {
        let weaker = match self.walls {
            Walls::Overlay => &[][..],
            Walls::Copy => &COPY_MISSING[..],
            Walls::Reduced => &REDUCED_MISSING[..],
        };
        let sentences = weaker.iter().map(|sentence| (*sentence).to_owned());
        Isolation {
            backend: "local".to_owned(),
            level: match self.walls {
                Walls::Overlay | Walls::Copy => IsolationLevel::Full,
                Walls::Reduced => IsolationLevel::Reduced,
            },
            missing: self.refused.iter().cloned().chain(sentences).collect(),
        }
    }

    /// For a workspace that can not be a lower layer.
    pub(super) fn with_copy(&self) -> Self {
        self.at(self.walls.min_copy())
    }

    pub(super) fn at(&self, walls: Walls) -> Self {
        Self { walls, refused: self.refused.clone() }
    }
}

const COPY_MISSING: [&str; 1] = [
    "The workspace is a copy made for each run, without .git, as it can not be a lower layer of an overlay.",
];

const REDUCED_MISSING: [&str; 5] = [
    "The network is not cut off.",
    "Files outside the workspace can be read, and written where the user may write.",
    "The workspace is a copy at another path, without .git and target; node_modules and virtual environments are the originals.",
    "A process that means to can outlive the run.",
    "Disk use is limited for each file only.",
];

/// What is told where nothing works.
pub(super) fn unusable(why: String) -> Isolation {
    Isolation { backend: "local".to_owned(), level: IsolationLevel::Reduced, missing: vec![why] }
}

/// The strongest walls that stand.
pub(super) fn find(options: &LocalOptions, fences: &Fences, runs: &Runs) -> Result<Level, String> {
    let mut refused = match options.force {
        None => Vec::new(),
        Some(Force::Copy | Force::Reduced) => vec!["Weaker walls were asked for.".to_owned()],
    };
    let order = match options.force {
        None => &[Walls::Overlay, Walls::Copy, Walls::Reduced][..],
        Some(Force::Copy) => &[Walls::Copy, Walls::Reduced][..],
        Some(Force::Reduced) => &[Walls::Reduced][..],
    };
    let asked = refused.len();
    for walls in order {
        match spawn::try_walls(*walls, options, fences, runs) {
            Ok(()) => {
                if refused.len() > asked {
                    refused.extend(advice());
                }
                return Ok(Level { walls: *walls, refused });
            }
            Err(failure) => refused.push(sentence(*walls, &failure)),
        }
    }
    Err(refused.join(" "))
}

/// What the user can do about a refusal, where a known switch of the system is behind it.
#[expect(clippy::disallowed_methods, reason = "reads the system's switches to explain what was refused")]
fn advice() -> Option<String> {
    let is_set = |switch: &str, value: &str| {
        std::fs::read_to_string(Path::new("/proc/sys").join(switch)).is_ok_and(|text| text.trim() == value)
    };
    let advice = [
        (
            "kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "AppArmor keeps user namespaces from programs without a profile: add one with `userns,` for bodkin.",
        ),
        (
            "kernel/unprivileged_userns_clone",
            "0",
            "User namespaces are switched off: `sysctl kernel.unprivileged_userns_clone=1` allows them.",
        ),
        (
            "user/max_user_namespaces",
            "0",
            "User namespaces are switched off: `sysctl user.max_user_namespaces=10000` allows them.",
        ),
    ];
    let known = advice.into_iter().find(|(switch, value, _)| is_set(switch, value));
    let container = || {
        let is_one = Path::new("/.dockerenv").exists() || Path::new("/run/.containerenv").exists();
        is_one.then_some(
            "Containers refuse namespaces by default: `--security-opt seccomp=unconfined` allows them.",
        )
    };
    known.map(|(_, _, advice)| advice).or_else(container).map(str::to_owned)
}

fn sentence(walls: Walls, failure: &Failure) -> String {
    let what = match walls {
        Walls::Overlay => "A sandbox over the workspace was refused",
        Walls::Copy => "A sandbox with a copy of the workspace was refused",
        Walls::Reduced => "Not even a copy with limits could be made",
    };
    format!("{what}: {}.", failure.why())
}
