//! A workspace on its way into a sandbox that knows nothing but files and commands: one upload, one command.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use bodkin_sandbox::afar::{Laid, Piece, Stream, script, survey};
use bodkin_sandbox::{Cancel, SandboxError};
use bodkin_sync::{Entry, FilePath, Rules, State, scan};
use bodkin_text::Layer;

use crate::session::RemoteSession;

/// Deeper folders are not looked at.
const DEPTH: u32 = 200;

const UNPACK: &str = r#"
set -e
mkdir -p -- "$2"
tar -xf "$1" -C "$2"
rm -f -- "$1"
"#;

/// What travels of a folder, with a layer over it.
pub(crate) fn state(folder: &Path, layer: &Layer) -> Result<State, SandboxError> {
    let rules = Rules::default();
    let what = format!("looking through the workspace {}", folder.display());
    Ok(scan(folder, &rules, None).map_err(SandboxError::io(what))?.state.lay(layer, &rules))
}

/// Lays a state into a folder of a sandbox and looks at what stands there.
pub(crate) fn lay(
    session: &RemoteSession,
    state: &State,
    workdir: &Path,
    cancel: &Cancel,
) -> Result<Laid, SandboxError> {
    let what = "packing the workspace";
    let leaves: Vec<(FilePath, Entry)> =
        state.manifest().leaves().into_iter().map(|(path, leaf)| (path, leaf.entry.clone())).collect();
    let switch = cancel.clone();
    let pieces = leaves.into_iter().filter_map(|(path, entry)| {
        if switch.is_cancelled() {
            return Some(Err(io::Error::other("it was cancelled")));
        }
        piece(state, &path, entry)
    });
    let mut stream = Stream::new(pieces);
    let mut archive = Vec::new();
    stream.read_to_end(&mut archive).map_err(SandboxError::io(what))?;
    let parcel = Path::new("/tmp").join(crate::session::part_name());
    session.upload(&parcel, archive)?;
    let args: [&OsStr; 2] = [parcel.as_os_str(), workdir.as_os_str()];
    script(session, "unpacking the workspace in the remote sandbox", UNPACK, &args)?;
    Ok(Laid { look: survey(session, workdir, DEPTH)?, contents: stream.into_contents() })
}

fn piece(state: &State, path: &FilePath, entry: Entry) -> Option<io::Result<Piece>> {
    match entry {
        Entry::Link { target } => {
            let target = PathBuf::from(OsString::from_vec(target.into_vec()));
            Some(Ok(Piece { path: path.to_path(), what: Err(target), modified_unix_s: 0 }))
        }
        Entry::File { exec, .. } => {
            Piece::read(state.root(), path.to_path(), exec, state.layer()).transpose()
        }
    }
}
