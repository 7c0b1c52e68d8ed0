//! Starts the command: finds its program, sets its limits and its place, and becomes it.

use std::ffi::{CString, OsStr};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::process::{Pid, Resource, Rlimit, getrlimit, setrlimit};

use super::sys::{self, Fork};
use super::trouble::{During, Trouble};
use crate::local::wire::{Caps, Command};

/// What a shell answers for a program that is not there, and for one that can not be run.
const NOT_FOUND: i32 = 127;
const NOT_RUNNABLE: i32 = 126;

/// Open files of one process.
const OPEN_FILES: u64 = 4096;

/// Starts `command` as a child of this process, then lets go of its input and output.
pub(super) fn start(command: &Command, caps: &Caps, stdin: Option<OwnedFd>) -> Result<Pid, Trouble> {
    start_behind(&|| Ok(()), command, caps, stdin)
}

/// The same behind one more wall, that the child puts up around itself.
pub(super) fn start_behind(
    wall: &dyn Fn() -> Result<(), Trouble>,
    command: &Command,
    caps: &Caps,
    stdin: Option<OwnedFd>,
) -> Result<Pid, Trouble> {
    let null = open_null().during("opening /dev/null")?;
    match sys::fork().during("starting the command")? {
        Fork::Child => {
            if let Err(Trouble { stage, errno }) = wall() {
                let _ = writeln!(io::stderr(), "bodkin: {stage}: {}", io::Error::from_raw_os_error(errno));
                sys::exit_now(NOT_RUNNABLE);
            }
            become_command(command, caps, stdin.filter(|_| command.piped).unwrap_or(null))
        }
        Fork::Parent(child) => {
            for standard in 0..3 {
                sys::put_in_place(&null, standard).during("letting go of the output")?;
            }
            Ok(child)
        }
    }
}

/// The device that swallows everything.
pub(super) fn open_null() -> io::Result<OwnedFd> {
    Ok(openat(CWD, "/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?)
}

pub(super) fn become_command(command: &Command, caps: &Caps, stdin: OwnedFd) -> ! {
    let (code, why) = match prepare(command, caps, stdin).and_then(|()| run(command)) {
        Ok(why) => why,
        Err(error) => (NOT_RUNNABLE, format!("could not be started: {error}")),
    };
    let name = command.argv.first().map(|name| name.path().display().to_string()).unwrap_or_default();
    let _ = writeln!(io::stderr(), "bodkin: {name}: {why}");
    sys::exit_now(code)
}

fn prepare(command: &Command, caps: &Caps, stdin: OwnedFd) -> io::Result<()> {
    // One with a terminal has its own session already.
    let _ = rustix::process::setsid();
    rustix::process::umask(Mode::from(0o022));
    sys::put_in_place(stdin, 0)?;
    if command.merged {
        sys::put_in_place(io::stdout(), 2)?;
    }
    // One, not none: the kernel feeds a dump to a program of the host's whatever the limit, but for this one.
    limit(Resource::Core, 1)?;
    limit(Resource::Rtprio, 0)?;
    limit(Resource::Nice, 0)?;
    limit(Resource::Msgqueue, 0)?;
    limit(Resource::Fsize, caps.file_bytes)?;
    limit(Resource::Nofile, OPEN_FILES)?;
    // The count of the first process and of the command itself, for which the limit makes no room.
    limit(Resource::Nproc, u64::from(caps.processes) + 2)?;
    if let Some(cpu_ms) = caps.cpu_ms {
        // Only a backstop, in whole seconds, for one process that the watch can not keep up with.
        limit(Resource::Cpu, cpu_ms.div_ceil(1000) + 1)?;
    }
    if let Some(memory) = caps.watch_memory {
        // Only a backstop for what allocates faster than the watch looks, so wide that the watch
        // comes first. Address space (RLIMIT_AS) would stop programs that reserve more than they use.
        limit(Resource::Data, memory.saturating_mul(2).saturating_add(256 << 20))?;
    }
    rustix::process::chdir(command.cwd.path())?;
    sys::default_signals();
    Ok(())
}

fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let most = getrlimit(resource).maximum.map_or(most, |already| already.min(most));
    Ok(setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?)
}

/// Becomes the program; comes back only with an exit code and a reason.
fn run(command: &Command) -> io::Result<(i32, String)> {
    let text = |bytes: &[u8]| CString::new(bytes).map_err(io::Error::from);
    let argv: Vec<CString> = command.argv.iter().map(|it| text(it.bytes())).collect::<Result<_, _>>()?;
    let env: Vec<CString> = command.env.iter().map(|it| text(it.bytes())).collect::<Result<_, _>>()?;
    let Some(name) = command.argv.first() else { return Ok((NOT_FOUND, "an empty command".to_owned())) };
    let Some(program) = find(name.path(), path_of(command)) else {
        return Ok((NOT_FOUND, "not found in the sandbox".to_owned()));
    };
    let error = sys::exec(&text(program.as_os_str().as_bytes())?, &argv, &env);
    let code = if error.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { NOT_RUNNABLE };
    Ok((code, format!("{}: {error}", program.display())))
}

fn path_of(command: &Command) -> &OsStr {
    let path = command.env.iter().rev().find_map(|it| it.bytes().strip_prefix(b"PATH="));
    OsStr::from_bytes(path.unwrap_or_default())
}

fn find(name: &Path, path: &OsStr) -> Option<PathBuf> {
    if name.as_os_str().as_bytes().contains(&b'/') {
        return Some(name.to_path_buf());
    }
    std::env::split_paths(path).map(|folder| folder.join(name)).find(|file| is_program(file))
}

#[expect(clippy::disallowed_methods, reason = "the helper looks for the program on its own disk")]
fn is_program(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}
