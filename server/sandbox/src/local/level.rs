//! Finds out how strong the walls are on this machine, by building them.
//!
//! System settings are not asked: containers, distributions and kernels refuse in too many ways.

use std::path::Path;

use bodkin_guard::report::{Isolation, IsolationLevel};

use super::spawn::{self, Failure, Means, Way};
use super::wire::Walls;
use crate::init::sys;
use crate::options::{Force, LocalOptions};

/// Walls that stood when they were tried.
#[derive(Debug, Clone)]
pub(super) struct Level {
    pub(super) way: Way,
    /// Why stronger walls did not stand, in sentences.
    refused: Vec<String>,
}

impl Level {
    pub(super) fn isolation(&self) -> Isolation {
        let landlock = sys::landlock_interface();
        let weaker = match self.way.walls {
            Walls::Overlay => Vec::new(),
            Walls::Copy => COPY_MISSING.to_vec(),
            Walls::Reduced => reduced_missing(landlock),
        };
        let root = self.way.keeps_root.then_some(ROOT_KEPT);
        let kernel = (landlock == 0).then_some(NO_LANDLOCK);
        let sentences = weaker.into_iter().chain(root).chain(kernel).map(str::to_owned);
        Isolation {
            backend: "local".to_owned(),
            level: match self.way.walls {
                Walls::Overlay | Walls::Copy => IsolationLevel::Full,
                Walls::Reduced => IsolationLevel::Reduced,
            },
            missing: self.refused.iter().cloned().chain(sentences).collect(),
        }
    }

    /// What stands, for whoever looks after the machine.
    pub(super) fn holds(&self, fence: &str) -> Vec<String> {
        let landlock = sys::landlock_interface();
        let namespaces = "user, mount, process, network, ipc and host name namespaces of its own";
        let walls: &[&str] = match self.way.walls {
            Walls::Overlay => &[namespaces, "the workspace as the lower layer of an overlay"],
            Walls::Copy => &[namespaces, "the workspace as a copy"],
            Walls::Reduced => &["the workspace as a copy", "no socket"],
        };
        let is_root = rustix::process::geteuid().is_root();
        let user = match (is_root, self.way.keeps_root) {
            (true, false) => "root left behind for an ordinary user",
            (true, true) => "root without privileges",
            (false, _) => "the user without privileges",
        };
        let landlock = (landlock > 0).then(|| format!("Landlock, interface {landlock}"));
        let walls = walls.iter().copied().chain([user, "a filter on system calls"]).map(str::to_owned);
        walls.chain(landlock).chain([fence.to_owned()]).collect()
    }

    pub(super) fn at(&self, way: Way) -> Self {
        Self { way, refused: self.refused.clone() }
    }
}

const COPY_MISSING: [&str; 1] = [
    "The workspace is a copy made for each run, without .git, as it can not be a lower layer of an overlay.",
];

const ROOT_KEPT: &str =
    "The command is root on its own files, without root's privileges, as their owner can not be mapped.";

const UNWALLED: &str = "Without Landlock, which this kernel has not, a copy with limits would leave all of the user's files open: only `allow_unwalled = true` in the user's own settings.toml allows that.";

const NO_LANDLOCK: &str = "This kernel has no Landlock, the second line around files.";

/// What is missing without namespaces, by the version of Landlock's interface.
fn reduced_missing(landlock: u32) -> Vec<&'static str> {
    let always = [
        "The workspace is a copy at another path, without .git and target; node_modules and virtual environments are the originals, to be read only.",
        "No socket can be opened, not even within the sandbox, and /tmp is closed: TMPDIR names another folder.",
        "Names, sizes and permissions of files outside can be seen; permissions, times and attributes of the user's own can be changed.",
        "Other processes of the machine can be seen; the user's own can be slowed.",
        "Disk use is limited for each file only.",
    ];
    let open = (landlock == 0)
        .then_some("Files outside the workspace can be read, and written where the user may write.");
    let signals = (landlock < 6).then_some(
        "The user's other processes can be sent signals; a process that means to can outlive the run.",
    );
    always.into_iter().chain(open).chain(signals).collect()
}

/// What is told where nothing works.
pub(super) fn unusable(why: String) -> Isolation {
    Isolation { backend: "local".to_owned(), level: IsolationLevel::Reduced, missing: vec![why] }
}

/// The strongest walls that stand.
pub(super) fn find(options: &LocalOptions, means: &Means<'_>) -> Result<Level, String> {
    let mut refused = match options.force {
        None => Vec::new(),
        Some(Force::Copy | Force::Reduced) => vec!["Weaker walls were asked for.".to_owned()],
    };
    let (order, last) = offered(options, sys::landlock_interface());
    let asked = refused.len();
    let is_root = rustix::process::geteuid().is_root();
    let ways = order.iter().flat_map(|walls| {
        let may_leave = is_root && *walls != Walls::Reduced;
        let way = |keeps_root| Way { walls: *walls, keeps_root };
        may_leave.then(|| way(false)).into_iter().chain([way(is_root)])
    });
    for way in ways {
        match spawn::try_walls(way, options, means) {
            Ok(()) => {
                if refused.len() > asked {
                    refused.extend(advice());
                }
                return Ok(Level { way, refused });
            }
            Err(failure) => refused.push(sentence(way, &failure)),
        }
    }
    Err(refused.into_iter().chain(last.map(str::to_owned)).collect::<Vec<_>>().join(" "))
}

/// The walls to try, strongest first, and why the weakest are not among them.
fn offered(options: &LocalOptions, landlock: u32) -> (&'static [Walls], Option<&'static str>) {
    let all: &[Walls] = match options.force {
        None => &[Walls::Overlay, Walls::Copy, Walls::Reduced],
        Some(Force::Copy) => &[Walls::Copy, Walls::Reduced],
        Some(Force::Reduced) => &[Walls::Reduced],
    };
    match all.split_last() {
        Some((_, stronger)) if landlock == 0 && !options.allow_unwalled => (stronger, Some(UNWALLED)),
        Some(_) | None => (all, None),
    }
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

fn sentence(way: Way, failure: &Failure) -> String {
    let what = match way.walls {
        Walls::Overlay | Walls::Copy if matches!(failure, Failure::Owners(_)) => {
            "Root could not be left behind"
        }
        Walls::Overlay => "A sandbox over the workspace was refused",
        Walls::Copy => "A sandbox with a copy of the workspace was refused",
        Walls::Reduced => "Not even a copy with limits could be made",
    };
    format!("{what}: {}.", failure.why())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_any_walls_nothing_runs_unless_the_user_said_so_in_these_words() {
        let with = |allow_unwalled| LocalOptions { allow_unwalled, ..LocalOptions::default() };
        let (walls, why) = offered(&with(false), 0);
        assert_eq!(walls, [Walls::Overlay, Walls::Copy]);
        assert!(why.is_some_and(|why| why.contains("allow_unwalled = true")));
        for (options, landlock) in [(with(true), 0), (with(false), 1)] {
            assert_eq!(
                offered(&options, landlock),
                (&[Walls::Overlay, Walls::Copy, Walls::Reduced][..], None)
            );
        }
    }

    #[test]
    fn what_an_old_landlock_leaves_open_is_said() {
        let says = |landlock, word: &str| reduced_missing(landlock).iter().any(|it| it.contains(word));
        assert!(says(0, "can be read") && !says(1, "can be read"));
        assert!(says(5, "outlive") && !says(6, "outlive"));
    }
}
