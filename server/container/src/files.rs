//! Files of a session, by scripts inside: the walls hold for them as for every command.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use bodkin_sandbox::SandboxError;
use bodkin_sandbox::afar::{Shell, collected, look_at, script, survey};
use bodkin_sandbox::session::Entry;

use crate::exec::Inside;

/// A file up to this size is put in place by one command, bytes.
const AT_ONCE: usize = 1 << 20;

// Not waited for: a FIFO would never come to an end.
const READ: &str = r#"
if ! [ -e "$1" ]; then exit 66; fi
if ! [ -f "$1" ]; then exit 67; fi
exec cat -- "$1"
"#;

// The size tells whether all of it came: a connection that breaks off looks like the end of the file.
const WRITE: &str = r#"
set -e
path=$1 part=$2 size=$3 mode=$4
if [ -d "$path" ]; then echo "Is a directory" >&2; exit 1; fi
mkdir -p -- "${path%/*}/"
trap 'rm -f -- "$part"' EXIT
cat > "$part"
came=$(wc -c < "$part")
if [ "$came" -ne "$size" ]; then echo "only $came of $size bytes came" >&2; exit 1; fi
if [ -n "$mode" ]; then chmod "$mode" "$part"; fi
mv -f -- "$part" "$path"
trap - EXIT
"#;

const APPEND: &str = r#"
set -e
part=$1 size=$2
mkdir -p -- "${part%/*}/"
cat >> "$part"
came=$(wc -c < "$part")
if [ "$came" -ne "$size" ]; then echo "only $came of $size bytes came" >&2; exit 1; fi
"#;

const PUT: &str = r#"
set -e
path=$1 part=$2 mode=$3
if [ -d "$path" ]; then rm -f -- "$part"; echo "Is a directory" >&2; exit 1; fi
if [ -n "$mode" ]; then chmod "$mode" "$part"; fi
mv -f -- "$part" "$path"
"#;

const MAKE: &str = r#"if [ -d "$1" ]; then echo there; else mkdir -p -- "$1"; fi"#;
const RENAME: &str = r#"
if ! [ -e "$1" ] && ! [ -h "$1" ]; then exit 66; fi
mkdir -p -- "${2%/*}/" && exec mv -- "$1" "$2"
"#;
const REMOVE: &str = r#"
if ! [ -e "$1" ] && ! [ -h "$1" ]; then exit 66; fi
exec rm -rf -- "$1"
"#;

impl Inside {
    pub(crate) fn stat(&self, path: &Path) -> Result<Option<Entry>, SandboxError> {
        Ok(look_at(self, path)?.map(|seen| seen.entry(path.to_owned())))
    }

    pub(crate) fn list(&self, path: &Path, depth: u32) -> Result<Vec<Entry>, SandboxError> {
        let look = survey(self, path, depth)?;
        Ok(look.into_iter().map(|(below, seen)| seen.entry(path.join(below))).collect())
    }

    pub(crate) fn read(&self, path: &Path, to: &mut dyn Write) -> Result<u64, SandboxError> {
        let what = format!("reading {} in the container", path.display());
        let mut counted = Counted { to, bytes: 0 };
        let said = self.sh(READ, &[path.as_os_str()], &mut io::empty(), &mut counted)?;
        let bytes = counted.bytes;
        said.succeeded(&what).map(|()| bytes)
    }

    pub(crate) fn write(
        &self,
        path: &Path,
        from: &mut dyn Read,
        mode: Option<u32>,
    ) -> Result<Entry, SandboxError> {
        let what = format!("writing {} in the container", path.display());
        let part = path.with_file_name(part_name());
        let mode = mode.map(|mode| format!("{:o}", mode & 0o777)).unwrap_or_default();
        let mut piece = next_piece(from).map_err(SandboxError::io(&what))?;
        let (path_word, part_word, mode) = (path.as_os_str(), part.as_os_str(), OsStr::new(&mode));
        if piece.len() < AT_ONCE {
            let size = piece.len().to_string();
            let args = [path_word, part_word, OsStr::new(&size), mode];
            self.feed(&what, WRITE, &args, &piece)?;
        } else {
            let mut size = 0_usize;
            while !piece.is_empty() {
                size += piece.len();
                let fed = self.feed(&what, APPEND, &[part_word, OsStr::new(&size.to_string())], &piece);
                if let Err(error) = fed {
                    let _ = script(self, &what, REMOVE, &[part_word]);
                    return Err(error);
                }
                piece = next_piece(from).map_err(SandboxError::io(&what))?;
            }
            script(self, &what, PUT, &[path_word, part_word, mode])?;
        }
        let gone = || io::Error::new(io::ErrorKind::NotFound, "it was taken away at once");
        self.stat(path)?.ok_or_else(gone).map_err(SandboxError::io(what))
    }

    fn feed(&self, what: &str, text: &str, args: &[&OsStr], bytes: &[u8]) -> Result<(), SandboxError> {
        let mut input = bytes;
        self.sh(text, args, &mut input, &mut io::sink())?.succeeded(what)
    }

    pub(crate) fn make_dir(&self, path: &Path) -> Result<bool, SandboxError> {
        let what = format!("making the folder {} in the container", path.display());
        Ok(collected(self, &what, MAKE, &[path.as_os_str()], 100)?.is_empty())
    }

    pub(crate) fn rename(&self, from: &Path, to: &Path) -> Result<Entry, SandboxError> {
        let what = format!("moving {} in the container", from.display());
        script(self, &what, RENAME, &[from.as_os_str(), to.as_os_str()])?;
        let gone = || io::Error::new(io::ErrorKind::NotFound, "it was taken away at once");
        self.stat(to)?.ok_or_else(gone).map_err(SandboxError::io(what))
    }

    pub(crate) fn remove(&self, path: &Path) -> Result<(), SandboxError> {
        let what = format!("removing {} in the container", path.display());
        script(self, &what, REMOVE, &[path.as_os_str()])
    }

    /// Unpacks a tar archive into a folder.
    pub(crate) fn unpack(&self, folder: &Path, archive: &mut dyn Read) -> Result<(), SandboxError> {
        const UNPACK: &str = r#"mkdir -p -- "$1" && cd -- "$1" && exec tar -xf -"#;
        let said = self.sh(UNPACK, &[folder.as_os_str()], archive, &mut io::sink())?;
        said.succeeded("unpacking the workspace in the container")
    }
}

/// A name that no file has.
fn part_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!(".bodkin-part-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The next piece of a stream, full unless the stream ends.
fn next_piece(from: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut piece = Vec::new();
    from.take(8 * AT_ONCE as u64).read_to_end(&mut piece)?;
    Ok(piece)
}

struct Counted<'a> {
    to: &'a mut dyn Write,
    bytes: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.write_all(bytes)?;
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
