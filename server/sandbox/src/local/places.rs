//! What of the host stands where inside: the system read-only, the user's tools, nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::wire::{Place, Raw, What};
use crate::launch::{OUT_DIR, SUPPORT_DIR};

/// Folders that hold programs and libraries of every system.
const SYSTEM: [&str; 12] =
    ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix", "/gnu", "/sw", "/snap"];

/// Files and folders of /etc that tools need and that hold no secret.
const SETTINGS: [&str; 38] = [
    "alternatives",
    "bash_completion.d",
    "ca-certificates",
    "ca-certificates.conf",
    "crypto-policies",
    "debian_version",
    "fonts",
    "group",
    "host.conf",
    "hosts",
    "java",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "locale.conf",
    "localtime",
    "lsb-release",
    "magic",
    "maven/logging",
    "maven/m2.conf",
    "maven/toolchains.xml",
    "mime.types",
    "nsswitch.conf",
    "os-release",
    "passwd",
    "perl",
    "pki",
    "protocols",
    "python2.7",
    "python3",
    "redhat-release",
    "services",
    "shells",
    "ssl/certs",
    "ssl/openssl.cnf",
    "static",
    "terminfo",
    "timezone",
];

/// Whether a folder belongs to the system, or holds what does.
pub(super) fn is_system(folder: &Path) -> bool {
    let is_or_holds = |system: &str| Path::new(system).starts_with(folder);
    SYSTEM.iter().any(|system| is_or_holds(system))
        || ["/etc", "/proc", "/dev", "/sys", "/run", "/tmp", "/var"].iter().any(|system| is_or_holds(system))
        || ["/etc", "/proc", "/dev", "/sys"].iter().any(|system| folder.starts_with(system))
}

/// The system's own places, as they were when `/` and `/etc` last changed.
type System = Arc<BTreeMap<PathBuf, What>>;

/// The system's folders and settings: looked for anew only when one came or went, as that takes some hundred
/// questions to the disk.
fn system() -> System {
    static KNOWN: Mutex<Option<([Option<SystemTime>; 2], System)>> = Mutex::new(None);
    let changed = ["/", "/etc"].map(|folder| Path::new(folder).metadata().and_then(|it| it.modified()).ok());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    match &*known {
        Some((at, system)) if *at == changed => Arc::clone(system),
        Some(_) | None => {
            let mut places = Places { by_path: BTreeMap::new(), workspace: PathBuf::from("\0") };
            SYSTEM.iter().for_each(|folder| places.add_as_it_stands(Path::new(folder)));
            SETTINGS.iter().for_each(|name| places.add_setting(&Path::new("/etc").join(name)));
            places.add_java_settings();
            let system = Arc::new(places.by_path);
            *known = Some((changed, Arc::clone(&system)));
            system
        }
    }
}

/// Places inside, by path.
#[derive(Debug)]
pub(super) struct Places {
    by_path: BTreeMap<PathBuf, What>,
    workspace: PathBuf,
}

impl Places {
    /// The system, the devices and the private folders around `workspace`.
    pub(super) fn around(workspace: &Path) -> Self {
        let system = system();
        let outside = system.iter().filter(|(at, _)| !at.starts_with(workspace));
        let mut places = Self {
            by_path: outside.map(|(at, what)| (at.clone(), what.clone())).collect(),
            workspace: workspace.to_path_buf(),
        };
        for name in ["null", "zero", "full", "random", "urandom"] {
            let device = Path::new("/dev").join(name);
            places.put(&device, What::Device(Raw::from(device.clone())));
        }
        for (at, to) in [
            ("/dev/fd", "/proc/self/fd"),
            ("/dev/stdin", "/proc/self/fd/0"),
            ("/dev/stdout", "/proc/self/fd/1"),
            ("/dev/stderr", "/proc/self/fd/2"),
            ("/dev/ptmx", "pts/ptmx"),
        ] {
            places.put(Path::new(at), What::Link(Raw::from(to)));
        }
        places.put(Path::new("/dev/pts"), What::Terminals);
        places.put(Path::new("/dev/shm"), What::Fresh(0o1777));
        places.put(Path::new("/tmp"), What::Fresh(0o1777));
        places.put(Path::new("/var/tmp"), What::Fresh(0o1777));
        places.put(Path::new("/proc"), What::Processes);
        places.put(Path::new(SUPPORT_DIR), What::Support);
        places.put(Path::new(OUT_DIR), What::Fresh(0o755));
        places.by_path.insert(workspace.to_path_buf(), What::Workspace);
        places
    }

    /// The home folder, empty and writable.
    pub(super) fn add_home(&mut self, home: &Path) {
        self.put(home, What::Fresh(0o700));
    }

    /// An empty folder in place of what stands there.
    pub(super) fn empty(&mut self, at: &Path) {
        self.by_path.insert(at.to_path_buf(), What::Fresh(0o755));
    }

    /// A link in place of what stands there.
    pub(super) fn link_instead(&mut self, at: &Path, to: &Path) {
        self.put(at, What::Link(Raw::from(to)));
    }

    /// A host's folder or file, read-only, unless it can be seen already or holds what must not be.
    pub(super) fn show(&mut self, path: &Path) {
        if path.exists() && !self.sees(path) && !self.workspace.starts_with(path) {
            self.put(path, What::ReadOnly(Raw::from(path)));
        }
    }

    /// A host's folder with a private layer over it: caches that tools insist on writing to.
    pub(super) fn show_private(&mut self, path: &Path) {
        if path.is_dir() && !self.sees(path) && !self.workspace.starts_with(path) {
            self.put(path, What::Private(Raw::from(path)));
        }
    }

    /// A link so that what stands at `to` is found at `at` as well.
    pub(super) fn link(&mut self, at: &Path, to: &Path) {
        if !self.sees(at) {
            self.by_path.entry(at.to_path_buf()).or_insert_with(|| What::Link(Raw::from(to)));
        }
    }

    /// Whether the host's `path` can be seen inside, as it is or as part of the workspace.
    pub(super) fn sees(&self, path: &Path) -> bool {
        path.ancestors().any(|above| match self.by_path.get(above) {
            Some(
                What::ReadOnly(_) | What::Private(_) | What::Device(_) | What::Workspace | What::Link(_),
            ) => true,
            Some(What::Fresh(_) | What::Processes | What::Terminals | What::Support) | None => false,
        })
    }

    /// All places, each after the one that holds it.
    pub(super) fn into_list(self) -> Vec<Place> {
        self.by_path.into_iter().map(|(at, what)| Place { at: Raw::from(at), what }).collect()
    }

    fn put(&mut self, at: &Path, what: What) {
        if !at.starts_with(&self.workspace) {
            self.by_path.insert(at.to_path_buf(), what);
        }
    }

    /// A folder as a folder, a link (`/bin` of most systems) as a link.
    fn add_as_it_stands(&mut self, path: &Path) {
        match path.read_link() {
            Ok(to) => self.put(path, What::Link(Raw::from(to))),
            // Around the workspace, too: images of containers like to keep it below /usr.
            Err(_) if path.exists() => self.put(path, What::ReadOnly(Raw::from(path))),
            Err(_) => {}
        }
    }

    /// A link to something that will be seen stays a link; any other becomes what it points to.
    fn add_setting(&mut self, path: &Path) {
        let Ok(real) = path.canonicalize() else { return };
        if path.read_link().is_ok() && self.sees(&real) {
            self.put(path, What::Link(Raw::from(real)));
        } else {
            self.put(path, What::ReadOnly(Raw::from(real)));
        }
    }

    /// Distributions keep the settings of each Java under its own name.
    fn add_java_settings(&mut self) {
        for entry in Path::new("/etc").read_dir().into_iter().flatten().flatten() {
            if entry
                .file_name()
                .to_str()
                .is_some_and(|name| name.starts_with("java-") || name.starts_with("python3."))
            {
                self.add_setting(&entry.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_comes_before_what_lies_below_it() {
        let mut places = Places::around(Path::new("/tmp/a/b"));
        places.add_home(Path::new("/tmp/a"));
        let order: Vec<PathBuf> = places.into_list().iter().map(|place| (&place.at).into()).collect();
        let at = |path: &str| order.iter().position(|it| it == Path::new(path)).unwrap();
        assert!(at("/tmp") < at("/tmp/a") && at("/tmp/a") < at("/tmp/a/b"));
        assert!(at(SUPPORT_DIR) < at(OUT_DIR));
    }

    #[test]
    fn the_system_is_shown_around_a_workspace_within_it() {
        let places = Places::around(Path::new("/usr/src/app"));
        assert!(places.sees(Path::new("/usr/bin/env")) && places.sees(Path::new("/usr/src/app")));
    }

    #[test]
    fn no_password_file_is_shown() {
        let list = Places::around(Path::new("/tmp/w")).into_list();
        assert!(
            list.iter()
                .all(|place| place.at.path() != Path::new("/etc/shadow")
                    && place.at.path() != Path::new("/etc"))
        );
    }

    #[test]
    fn the_system_and_what_holds_it_are_no_workspace() {
        for folder in ["/", "/usr", "/etc/x", "/tmp", "/proc/self"] {
            assert!(is_system(Path::new(folder)), "{folder}");
        }
        for folder in ["/tmp/a", "/usr/src/app", "/work", "/opt/app"] {
            assert!(!is_system(Path::new(folder)), "{folder}");
        }
    }
}
