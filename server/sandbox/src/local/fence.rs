//! Control groups: the kernel's own limits on memory and processes, where this user may make groups.
//!
//! Version 2 below our own group or its parent (a delegated systemd slice), else version 1 (as root),
//! else nothing: then the helper watches instead. Only writes below groups that it made itself.
#![expect(clippy::disallowed_methods, reason = "control groups are files")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::scratch::number;

/// Which groups can be made here.
#[derive(Debug, Default)]
pub(super) struct Fences {
    memory: Option<Base>,
    processes: Option<Base>,
    gave_up: AtomicBool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Base {
    folder: PathBuf,
    version: Version,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

/// The limits of one run. Dropping it removes its groups, which must be empty by then.
#[derive(Debug, Default)]
pub(super) struct Fence {
    memory: Option<(PathBuf, Version)>,
    processes: Option<PathBuf>,
}

impl Fences {
    /// Looks where groups can be made, by making some.
    pub(super) fn find() -> Self {
        let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let works = |base: &Base, controller: &str| works(base, controller).is_ok();
        let find = |controller: &str| {
            bases(&groups, &mounts, controller).into_iter().find(|base| works(base, controller))
        };
        let found = Self { memory: find("memory"), processes: find("pids"), gave_up: AtomicBool::new(false) };
        for base in [&found.memory, &found.processes].into_iter().flatten() {
            sweep(&base.folder);
        }
        found
    }

    /// Builds no more: groups can be made but not entered.
    pub(super) fn give_up(&self) {
        self.gave_up.store(true, Ordering::Relaxed);
    }

    /// Who limits memory, in words.
    pub(super) fn words(&self) -> String {
        let by = match self.memory.as_ref().filter(|_| !self.gave_up.load(Ordering::Relaxed)) {
            Some(Base { version: Version::One, .. }) => "control groups (version 1)",
            Some(Base { version: Version::Two, .. }) => "control groups (version 2)",
            None => "the helper's watch",
        };
        format!("memory limited by {by}")
    }

    /// A fence with these limits, with nobody in it; `None`: processes are limited in another way.
    pub(super) fn build(&self, memory: u64, processes: Option<u64>) -> io::Result<Fence> {
        let name = format!("bodkin-{}-{}", std::process::id(), number());
        let mut fence = Fence::default();
        if self.gave_up.load(Ordering::Relaxed) {
            return Ok(fence);
        }
        if let Some(base) = &self.memory {
            let folder = base.folder.join(&name);
            make(&folder)?;
            fence.memory = Some((folder.clone(), base.version));
            limit_memory(&folder, base.version, memory)?;
        }
        if let Some((base, processes)) = self.processes.as_ref().zip(processes) {
            let folder = base.folder.join(&name);
            make(&folder)?;
            fence.processes = Some(folder.clone());
            fs::write(folder.join("pids.max"), processes.to_string())?;
        }
        Ok(fence)
    }
}

impl Fence {
    /// Whether the kernel limits memory.
    pub(super) fn limits_memory(&self) -> bool {
        self.memory.is_some()
    }

    /// Whether the kernel limits processes.
    pub(super) fn limits_processes(&self) -> bool {
        self.processes.is_some()
    }

    /// Puts a process, and all that it will start, inside.
    pub(super) fn enclose(&self, pid: u32) -> io::Result<()> {
        let memory = self.memory.as_ref().map(|(folder, _)| folder);
        for folder in memory.into_iter().chain(&self.processes) {
            fs::write(folder.join("cgroup.procs"), pid.to_string())?;
        }
        Ok(())
    }

    /// How many processes the kernel killed for their memory.
    pub(super) fn memory_kills(&self) -> u64 {
        let file = self.memory.as_ref().map(|(folder, version)| match version {
            Version::One => folder.join("memory.oom_control"),
            Version::Two => folder.join("memory.events"),
        });
        let text = file.and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
        let count = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
        count.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
    }
}

impl Drop for Fence {
    fn drop(&mut self) {
        let memory = self.memory.as_ref().map(|(folder, _)| folder);
        for folder in memory.into_iter().chain(&self.processes) {
            // One that is not empty yet is swept at the next start.
            let _ = fs::remove_dir(folder);
        }
    }
}

fn make(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        // One group may hold both limits.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

fn limit_memory(folder: &Path, version: Version, bytes: u64) -> io::Result<()> {
    match version {
        Version::One => {
            fs::write(folder.join("memory.limit_in_bytes"), bytes.to_string())?;
            // Swap may be counted or not; without it the limit above is the whole truth.
            let _ = fs::write(folder.join("memory.memsw.limit_in_bytes"), bytes.to_string());
        }
        Version::Two => {
            fs::write(folder.join("memory.max"), bytes.to_string())?;
            let _ = fs::write(folder.join("memory.swap.max"), "0");
        }
    }
    Ok(())
}

/// Makes a group, limits it, has a child-free look at its task file, and removes it.
fn works(base: &Base, controller: &str) -> io::Result<()> {
    let folder = base.folder.join(format!("bodkin-{}-try-{}", std::process::id(), number()));
    make(&folder)?;
    let limited = match controller {
        "memory" => limit_memory(&folder, base.version, 1 << 40),
        _ => fs::write(folder.join("pids.max"), "1000"),
    };
    let may_join = fs::OpenOptions::new().write(true).open(folder.join("cgroup.procs"));
    // A process moves only if its mover may write to the group that holds both.
    let may_leave = match base.version {
        Version::One => Ok(()),
        Version::Two => fs::OpenOptions::new().write(true).open(base.folder.join("cgroup.procs")).map(drop),
    };
    let removed = fs::remove_dir(&folder);
    limited.and(may_join.map(drop)).and(may_leave).and(removed)
}

/// Folders where a group for `controller` may be made, best first.
fn bases(groups: &str, mounts: &str, controller: &str) -> Vec<Base> {
    let own = |wanted: &str| {
        groups.lines().find_map(|line| {
            let mut fields = line.splitn(3, ':').skip(1);
            let (names, path) = (fields.next()?, fields.next()?);
            (names.split(',').any(|name| name == wanted)).then(|| path.to_owned())
        })
    };
    let mounted = |kind: &str, option: &str| {
        mounts.lines().find_map(|line| {
            let (before, after) = line.split_once(" - ")?;
            let mut after = after.split(' ');
            let (found, options) = (after.next()?, after.nth(1)?);
            let is_it = found == kind && (option.is_empty() || options.split(',').any(|it| it == option));
            let mut before = before.split(' ').skip(3);
            is_it.then(|| Some((before.next()?.to_owned(), before.next()?.to_owned())))?
        })
    };
    let folder = |kind: &str, option: &str, group: &str| {
        let (root, point) = mounted(kind, option)?;
        let below =
            group.strip_prefix(root.trim_end_matches('/')).unwrap_or("").trim_start_matches('/').to_owned();
        Some(PathBuf::from(point).join(below))
    };
    let second = own("").and_then(|group| folder("cgroup2", "", &group));
    // What is above the topmost group is no group but a folder, where limits would be plain files.
    let is_top = |folder: &PathBuf| mounted("cgroup2", "").is_some_and(|(_, top)| folder == Path::new(&top));
    let parent = second.as_ref().filter(|it| !is_top(it)).and_then(|it| it.parent().map(Path::to_path_buf));
    let second = second.into_iter().chain(parent).map(|folder| Base { folder, version: Version::Two });
    let first = own(controller).and_then(|group| folder("cgroup", controller, &group));
    second.chain(first.map(|folder| Base { folder, version: Version::One })).collect()
}

/// Removes empty groups of processes that are gone.
fn sweep(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name
            .to_str()
            .and_then(|name| name.strip_prefix("bodkin-")?.split('-').next()?.parse::<u32>().ok());
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid.to_string()).exists()) {
            let _ = fs::remove_dir(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delegated_slice_is_tried_before_version_one() {
        let groups = "4:memory:/a/b\n0::/user.slice/app.slice/x.scope\n";
        let mounts = "30 23 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n\
                      31 23 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
        let folders: Vec<String> =
            bases(groups, mounts, "memory").iter().map(|base| base.folder.display().to_string()).collect();
        assert_eq!(
            folders,
            [
                "/sys/fs/cgroup/unified/user.slice/app.slice/x.scope",
                "/sys/fs/cgroup/unified/user.slice/app.slice",
                "/sys/fs/cgroup/memory/a/b"
            ]
        );
    }

    #[test]
    fn a_group_is_found_below_a_mount_that_shows_part_of_the_tree() {
        let folders = bases(
            "4:memory:/docker/c1/d\n",
            "31 23 0:27 /docker/c1 /sys/m rw - cgroup cgroup rw,memory\n",
            "memory",
        );
        assert_eq!(folders, [Base { folder: "/sys/m/d".into(), version: Version::One }]);
    }

    #[test]
    fn above_the_topmost_group_nothing_is_tried() {
        let mounts = "30 23 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let folders = bases("0::/\n", mounts, "memory");
        assert_eq!(folders, [Base { folder: "/sys/fs/cgroup/unified/".into(), version: Version::Two }]);
    }

    #[test]
    fn without_groups_there_is_no_base() {
        assert_eq!(bases("", "", "memory"), []);
    }
}
