//! The local sandbox as a cage: one command behind namespaces, or without them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use bodkin_guard::report::IsolationLevel;
use bodkin_sandbox::{Cancel, Force, Launch, LocalOptions, LocalSandbox, Stream};

use crate::battery::{Cage, Ground, Kind, Said, Visit, is_root};
use crate::kit;

/// Each command in a sandbox of its own.
pub(crate) struct Local {
    force: Option<Force>,
}

/// The strongest that this machine has.
pub(crate) const WHOLE: Local = Local { force: None };

/// Namespaces, and a copy of the workspace.
pub(crate) const COPIED: Local = Local { force: Some(Force::Copy) };

/// No namespaces.
pub(crate) const REDUCED: Local = Local { force: Some(Force::Reduced) };

/// Set where no harm can be done to anybody's processes and mounts.
const ALONE: &str = "BODKIN_TEST_ALONE";

/// Runs the tests of this program that `select` names once more, as a user without rights; alone, if asked to,
/// with processes and mounts that nobody else has.
pub(crate) fn again(select: &[&str], alone: bool) {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = folder.path().join("tests");
    // The build folder may be closed to others.
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    fs::copy(kit::helper(), folder.path().join("bodkin-sandbox-init")).unwrap();
    let other = ["setpriv", "--reuid", "65533", "--regid", "65533", "--clear-groups"];
    let spaces = ["unshare", "-m", "-p", "-f", "-u", "-i", "--mount-proc"];
    let before = match (is_root(), alone) {
        (true, true) => [&spaces[..], &other[..]].concat(),
        (true, false) => other.to_vec(),
        (false, _) => vec!["env"],
    };
    let mut command = Command::new(before[0]);
    command.args(&before[1..]).arg(&program).args(select).current_dir("/");
    if alone {
        command.env(ALONE, "1");
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && !said.contains("running 0 tests"), "{said}{output:?}");
}

impl Local {
    pub(crate) fn sandbox(&self, ground: &Ground) -> LocalSandbox {
        LocalSandbox::new(LocalOptions {
            helper: kit::helper(),
            scratch: ground.path("scratch"),
            path_env: format!("/usr/local/bin:/usr/bin:/bin:{}", ground.text("tools")).into(),
            home: Some(ground.path("home")),
            force: self.force,
            ..LocalOptions::default()
        })
    }
}

impl Cage for Local {
    fn kind(&self) -> Kind {
        match self.force {
            None | Some(Force::Copy) => Kind::Local,
            Some(Force::Reduced) => Kind::Reduced,
        }
    }

    fn is_here(&self) -> bool {
        self.kind() != Kind::Reduced || std::env::var_os(ALONE).is_some()
    }

    fn slack_mib(&self) -> u64 {
        match self.force {
            Some(Force::Copy) => 1024,
            None | Some(Force::Reduced) => 0,
        }
    }

    fn missing(&self) -> Vec<String> {
        let isolation = self.sandbox(&Ground::new()).isolation();
        let is_reduced = isolation.level == IsolationLevel::Reduced;
        assert_eq!(is_reduced, self.kind() == Kind::Reduced, "{isolation:?}");
        isolation.missing
    }

    fn run(&self, ground: &Ground, visit: &Visit) -> Said {
        let mut launch = Launch::new(ground.workspace(), visit.told());
        launch.limits = visit.limits;
        launch.env = visit.env.clone();
        launch.changes = visit.changes;
        let running = self.sandbox(ground).launch(launch).unwrap_or_else(|error| panic!("{error}"));
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let ended = running.wait(None, &Cancel::new(), &mut |stream, bytes| match stream {
            Stream::Stdout => stdout.extend_from_slice(bytes),
            Stream::Stderr => stderr.extend_from_slice(bytes),
        });
        let mut said = Said::new(&stdout, &stderr, ended.exit);
        said.changes = ended.changes;
        said.output_bytes = ended.output_bytes;
        said
    }
}
