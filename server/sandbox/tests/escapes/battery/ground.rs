//! What the host sets up before an attempt: a workspace, canaries around it, and places without walls.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bodkin_guard::report::Exit;
use tempfile::TempDir;

use super::{Cage, Said, Visit, is_root, program};

/// What a key says, that nobody may read.
pub(crate) const CANARY: &str = "canary-of-the-host";

const FOLDERS: [&str; 9] =
    ["ws", "control", "scratch", "tools", "home/.ssh", "home/.aws", "home/.cargo", "home/.config", "other"];

/// A folder on the host with a workspace, a twin of it for controls, and canaries beside them. All of it may be
/// read by every user, so that only walls keep it from being read.
pub(crate) struct Ground {
    folder: TempDir,
}

impl Ground {
    pub(crate) fn new() -> Self {
        let ground = Self { folder: tempfile::tempdir().unwrap() };
        fs::set_permissions(ground.path(""), fs::Permissions::from_mode(0o755)).unwrap();
        for folder in FOLDERS {
            fs::create_dir_all(ground.path(folder)).unwrap();
        }
        for key in ground.keys() {
            fs::write(key, CANARY).unwrap();
        }
        fs::write(ground.path("tools/tool"), "alive").unwrap();
        for folder in ["ws", "control"] {
            // A copy would be open for writing in whatever another test starts at this moment.
            let program = program::program();
            let linked = fs::hard_link(&program, ground.path(folder).join("attack"));
            linked.or_else(|_| fs::copy(&program, ground.path(folder).join("attack")).map(drop)).unwrap();
        }
        ground
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    pub(crate) fn text(&self, below: &str) -> String {
        self.path(below).display().to_string()
    }

    pub(crate) fn workspace(&self) -> PathBuf {
        self.path("ws")
    }

    /// A word that no other ground has.
    pub(crate) fn name(&self) -> &str {
        self.folder.path().file_name().unwrap().to_str().unwrap()
    }

    /// What nobody may read: keys of the home folder, and another project.
    pub(crate) fn keys(&self) -> Vec<PathBuf> {
        [
            "home/.ssh/id_rsa",
            "home/.aws/credentials",
            "home/.cargo/credentials.toml",
            "home/.netrc",
            "other/secret",
        ]
        .map(|key| self.path(key))
        .into()
    }

    /// A file in the workspace and in its twin.
    pub(crate) fn put(&self, below: &str, text: &str) {
        for folder in ["ws", "control"] {
            let path = self.path(folder).join(below);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    /// A link in the workspace and in its twin.
    pub(crate) fn link(&self, below: &str, to: impl AsRef<Path>) {
        for folder in ["ws", "control"] {
            std::os::unix::fs::symlink(&to, self.path(folder).join(below)).unwrap();
        }
    }

    /// Runs the program of all attempts in the twin, without walls, as this user.
    pub(crate) fn outside(&self, arguments: &[&str]) -> Said {
        self.without_walls(&Visit::attack(arguments), &[])
    }

    /// Runs a shell line in the twin, without walls, as this user.
    pub(crate) fn shell_outside(&self, line: &str) -> Said {
        self.without_walls(&Visit::new(&["/bin/sh", "-c", line]), &[])
    }

    /// Runs the program of all attempts in the twin with all privileges that this user can get, in namespaces
    /// that nobody else is in, so that what works there harms nobody.
    pub(crate) fn open_room(&self, arguments: &[&str]) -> Said {
        let user: &[&str] = if is_root() { &[] } else { &["-U", "-r"] };
        let spaces = ["unshare", "-m", "-p", "-f", "-n", "-i", "-u", "--mount-proc"];
        self.without_walls(&Visit::attack(arguments), &[&spaces, user].concat())
    }

    /// Runs the program of all attempts in the twin as a user without rights.
    pub(crate) fn as_nobody(&self, arguments: &[&str]) -> Said {
        let other = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
        self.without_walls(&Visit::attack(arguments), if is_root() { &other } else { &[] })
    }

    fn without_walls(&self, visit: &Visit, before: &[&str]) -> Said {
        let argv: Vec<&str> = before.iter().copied().chain(visit.argv.iter().map(String::as_str)).collect();
        let output = Command::new(argv[0])
            .args(&argv[1..])
            .current_dir(self.path("control"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let exit = match output.status.code() {
            Some(code) => Exit::Code(code),
            None => Exit::Signal(std::os::unix::process::ExitStatusExt::signal(&output.status).unwrap()),
        };
        Said::new(&output.stdout, &output.stderr, exit)
    }

    /// Every path below a folder with its content and what else `cage` says that it keeps.
    pub(crate) fn kept(&self, below: &str, cage: &impl Cage) -> BTreeMap<PathBuf, (u32, u32, i64, Vec<u8>)> {
        let mut all = self.manifest(below);
        if cage.admits("permissions") {
            all.values_mut().for_each(|it| (it.0, it.2) = (0, 0));
        }
        all
    }

    /// Every path below a folder with its kind, permissions, owner, time and content.
    pub(crate) fn manifest(&self, below: &str) -> BTreeMap<PathBuf, (u32, u32, i64, Vec<u8>)> {
        let mut all = BTreeMap::new();
        let mut folders = vec![self.path(below)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                let about = fs::symlink_metadata(&path).unwrap();
                let content = match about.file_type() {
                    kind if kind.is_symlink() => {
                        path.read_link().unwrap().into_os_string().into_encoded_bytes()
                    }
                    kind if kind.is_file() => fs::read(&path).unwrap(),
                    _ => Vec::new(),
                };
                if about.is_dir() {
                    folders.push(path.clone());
                }
                let time = about.mtime_nsec() + about.mtime() * 1_000_000_000;
                all.insert(path, (about.mode(), about.uid(), time, content));
            }
        }
        all
    }
}
