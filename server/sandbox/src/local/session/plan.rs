//! What makes a sandbox a session: where its files stand, who its user is, and the line to its first process.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use crate::launch::SUPPORT_DIR;
use crate::local::order::Support;
use crate::local::places::Places;
use crate::local::wire::Identity;

/// The home of a session's user, where it is not the host's.
pub(super) const HOME: &str = "/home/user";

/// Files of the system that know the user, and the names of ours.
const KNOWN: [&str; 2] = ["passwd", "group"];

/// Added to a launch, which then starts nothing.
#[derive(Debug)]
pub(in crate::local) struct Plan {
    /// Where the workspace stands inside, or the empty home.
    pub(in crate::local) workdir: PathBuf,
    /// Whether there is a workspace.
    pub(super) has_workspace: bool,
    /// The home inside; `None`: at the path of the host's.
    pub(in crate::local) home: Option<PathBuf>,
    /// The first process's end of the line.
    pub(in crate::local) line: UnixStream,
}

impl Plan {
    /// Puts what belongs to a session among the places.
    pub(in crate::local) fn furnish(&self, places: &mut Places) {
        if !self.has_workspace {
            places.empty(&self.workdir);
        }
        for name in KNOWN {
            places.link_instead(&Path::new("/etc").join(name), &Path::new(SUPPORT_DIR).join(name));
        }
    }

    /// The files that know the user by name.
    pub(in crate::local) fn support(&self, identity: Identity, home: &Path) -> Vec<Support> {
        let (user, group) = match identity {
            Identity::Own => (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw()),
            Identity::Other { user, group } => (user, group),
        };
        let home = home.display();
        let passwd = format!(
            "user:x:{user}:{group}::{home}:/bin/bash\nroot:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"
        );
        let known = format!("user:x:{group}:\nroot:x:0:\nnogroup:x:65534:\n");
        KNOWN
            .into_iter()
            .zip([passwd, known])
            .map(|(name, text)| (name.to_owned(), text.into_bytes().into()))
            .collect()
    }

    /// The variables that name the user.
    pub(in crate::local) fn variables(&self) -> impl Iterator<Item = (String, String)> + use<> {
        [("USER", "user"), ("LOGNAME", "user"), ("SHELL", "/bin/bash")]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    }
}
