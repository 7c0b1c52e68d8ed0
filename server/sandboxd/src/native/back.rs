//! What a run changed, in the form that travels.

use std::os::unix::ffi::OsStrExt;

use bodkin_sandbox::changes::{Change, Changes, Verdict, What};
use bodkin_sync::FilePath;
use bodkin_sync::wire::{Back, BackChange, BackVerdict, BackWhat};

/// The form that travels. A path that can not travel is told among what was left out.
pub(super) fn back(changes: Changes) -> Back {
    let mut back = Back { changes: Vec::new(), left_out: changes.left_out };
    for Change { path, what, verdict } in changes.changes {
        match FilePath::new(path.as_os_str().as_bytes()) {
            Ok(path) => back.changes.push(BackChange { path, what: told(what), verdict: judged(verdict) }),
            Err(why) => back.left_out.push(format!("{}: {why}", path.display())),
        }
    }
    back
}

fn told(what: What) -> BackWhat {
    match what {
        What::File { content, size, mode } => BackWhat::File { content, size, mode },
        What::Link(target) => BackWhat::Link(target.as_os_str().as_bytes().to_vec()),
        What::Folder => BackWhat::Folder,
        What::Gone => BackWhat::Gone,
        What::Other(name) => BackWhat::Other(name.to_owned()),
    }
}

fn judged(verdict: Verdict) -> BackVerdict {
    match verdict {
        Verdict::Taken => BackVerdict::Taken,
        Verdict::Held(why) => BackVerdict::Held(why),
        Verdict::Refused(why) => BackVerdict::Refused(why),
    }
}
