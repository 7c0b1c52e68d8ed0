//! What of the host stands where inside: the system read-only, the user's tools, nothing else.

use std::collections::BTreeMap;
use std::ffi::OsString;
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

/// The system's own places as they were when they were looked for.
#[derive(Debug)]
struct System {
    places: BTreeMap<OsString, What>,
    /// What stands in the small files among them.
    texts: BTreeMap<OsString, Vec<u8>>,
    /// When the folders that they were looked for in, and those files, had last changed.
    changed: Vec<Option<SystemTime>>,
}

/// A setting up to this size is written anew inside, which costs less than a mount; bytes.
const TEXT_BYTES: u64 = 16 << 10;

/// The system's folders and settings: looked for anew only when one came, went or changed, as that takes some
/// hundred questions to the disk.
fn system() -> Arc<System> {
    static KNOWN: Mutex<Option<Arc<System>>> = Mutex::new(None);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    match &*known {
        Some(system) if system.changed == changed(&system.texts) => Arc::clone(system),
        Some(_) | None => {
            let system = Arc::new(System::look());
            *known = Some(Arc::clone(&system));
            system
        }
    }
}

fn changed(texts: &BTreeMap<OsString, Vec<u8>>) -> Vec<Option<SystemTime>> {
    let folders = ["/", "/etc"].map(OsString::from);
    let time = |path: &OsString| Path::new(path).metadata().and_then(|about| about.modified()).ok();
    folders.iter().chain(texts.keys()).map(time).collect()
}

impl System {
    fn look() -> Self {
        // Around nothing: no path begins with this one.
        let mut places =
            Places { by_path: BTreeMap::new(), texts: BTreeMap::new(), workspace: PathBuf::from("\0") };
        SYSTEM.iter().for_each(|folder| places.add_as_it_stands(Path::new(folder)));
        SETTINGS.iter().for_each(|name| places.add_setting(&Path::new("/etc").join(name)));
        places.add_java_settings();
        Self { places: places.by_path, changed: changed(&places.texts), texts: places.texts }
    }
}

/// Places inside, by path.
#[derive(Debug)]
pub(super) struct Places {
    /// Ordered by bytes, which is a fraction of the price of ordering by parts, and lets no folder come after
    /// what lies in it either.
    by_path: BTreeMap<OsString, What>,
    /// What stands in the files among them that are written anew.
    texts: BTreeMap<OsString, Vec<u8>>,
    workspace: PathBuf,
}

impl Places {
    /// The system, the devices and the private folders around `workspace`.
    pub(super) fn around(workspace: &Path) -> Self {
        let system = system();
        let outside = system.places.iter().filter(|(at, _)| !Path::new(at).starts_with(workspace));
        let mut places = Self {
            by_path: outside.map(|(at, what)| (at.clone(), what.clone())).collect(),
            texts: system.texts.clone(),
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
        places.by_path.insert(clean(workspace), What::Workspace);
        places
    }

    /// The home folder, empty and writable.
    pub(super) fn add_home(&mut self, home: &Path) {
        self.put(home, What::Fresh(0o700));
    }

    /// An empty folder in place of what stands there.
    pub(super) fn empty(&mut self, at: &Path) {
        self.by_path.insert(clean(at), What::Fresh(0o755));
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
            self.by_path.entry(clean(at)).or_insert_with(|| What::Link(Raw::from(to)));
        }
    }

    /// Whether the host's `path` can be seen inside, as it is or as part of the workspace.
    pub(super) fn sees(&self, path: &Path) -> bool {
        path.ancestors().any(|above| match self.by_path.get(above.as_os_str()) {
            Some(
                What::ReadOnly(_)
                | What::Private(_)
                | What::Device(_)
                | What::Workspace
                | What::Link(_)
                | What::Text(_),
            ) => true,
            Some(What::Fresh(_) | What::Processes | What::Terminals | What::Support) | None => false,
        })
    }

    /// All places, each after the one that holds it, and the texts of those that are [`What::Text`], in order.
    pub(super) fn into_list(self) -> (Vec<Place>, Vec<u8>) {
        let is_text = |at: &OsString| matches!(self.by_path.get(at), Some(What::Text(_)));
        let texts = self.texts.iter().filter(|(at, _)| is_text(at)).map(|(_, text)| text.as_slice());
        let texts = texts.collect::<Vec<_>>().concat();
        (self.by_path.into_iter().map(|(at, what)| Place { at: Raw::from(at), what }).collect(), texts)
    }

    fn put(&mut self, at: &Path, what: What) {
        if !at.starts_with(&self.workspace) {
            self.by_path.insert(clean(at), what);
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
        } else if let Some((text, length)) = small_text(&real) {
            self.put(path, What::Text(length));
            self.texts.insert(clean(path), text);
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

/// The content of a small file, and its length.
#[expect(clippy::disallowed_methods, reason = "reads the system's public settings")]
fn small_text(file: &Path) -> Option<(Vec<u8>, u32)> {
    let is_small = |about: std::fs::Metadata| about.is_file() && about.len() <= TEXT_BYTES;
    let text = file.metadata().is_ok_and(is_small).then(|| std::fs::read(file).ok())??;
    let length = u32::try_from(text.len()).ok()?;
    Some((text, length))
}

/// A path as bytes that others of its kind are compared with: no empty part, none at its end.
fn clean(path: &Path) -> OsString {
    path.components().collect::<PathBuf>().into_os_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_comes_before_what_lies_below_it() {
        let mut places = Places::around(Path::new("/tmp/a/b"));
        places.add_home(Path::new("/tmp/a"));
        let order: Vec<PathBuf> = places.into_list().0.iter().map(|place| (&place.at).into()).collect();
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
    fn a_folder_whose_name_goes_on_with_another_sign_does_not_come_between() {
        let mut places = Places::around(Path::new("/w"));
        for at in ["/h/a/b", "/h/a-b", "/h//a/"] {
            places.add_home(Path::new(at));
        }
        let (list, _) = places.into_list();
        let homes: Vec<&Path> =
            list.iter().map(|it| it.at.path()).filter(|it| it.starts_with("/h")).collect();
        assert_eq!(homes, ["/h/a", "/h/a-b", "/h/a/b"].map(Path::new));
    }

    #[test]
    fn the_texts_are_as_long_as_their_places_say_together() {
        let (list, texts) = Places::around(Path::new("/w")).into_list();
        let length = |place: &Place| if let What::Text(length) = place.what { length as usize } else { 0 };
        assert_eq!(list.iter().map(length).sum::<usize>(), texts.len());
        assert!(!texts.is_empty());
    }

    #[test]
    fn no_password_file_is_shown() {
        let (list, _) = Places::around(Path::new("/tmp/w")).into_list();
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
