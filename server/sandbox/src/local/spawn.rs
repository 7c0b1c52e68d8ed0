//! Starts the helper and tells it what to build.
#![expect(clippy::disallowed_methods, reason = "the one place that starts a process")]

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use super::environment::{self, Ground};
use super::fence::{Fence, Fences};
use super::leash::Leash;
use super::level;
use super::places::Places;
use super::running::Running;
use super::scratch::{Kept, Run, Runs};
use super::toolchain::Tools;
use super::wire::{self, Caps, Command, Kind, News, Raw, Spec, Walls};
use crate::SandboxError;
use crate::init::INIT_ARGUMENT;
use crate::launch::{Launch, SUPPORT_DIR, StderrMode, StdinMode};
use crate::options::LocalOptions;

/// What a copied workspace may take up beside what the command writes, bytes.
pub(crate) const COPY_BYTES: u64 = 1 << 30;

/// The stage whose failure means that this workspace can not be a lower layer.
pub(super) const LAYERING: &str = "laying a private layer over the workspace";

/// Why no sandbox came to be.
#[derive(Debug)]
pub(super) enum Failure {
    /// The workspace can not be a lower layer.
    Layering(String),
    /// The walls do not stand.
    Walls(String),
    /// The helper could not be started or did not answer.
    Io(String, io::Error),
}

impl Failure {
    pub(super) fn why(&self) -> String {
        match self {
            Self::Layering(why) | Self::Walls(why) => why.clone(),
            Self::Io(what, error) => format!("{what}: {error}"),
        }
    }
}

impl From<Failure> for SandboxError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Layering(why) | Failure::Walls(why) => Self::Unavailable {
                why: format!("the sandbox could not be built: {why}"),
                next_step: "`bodkin doctor` says what this machine allows".to_owned(),
            },
            Failure::Io(what, source) => Self::Io { what, source },
        }
    }
}

/// A launch over a canonical workspace.
pub(super) struct Job<'a> {
    pub(super) options: &'a LocalOptions,
    pub(super) launch: &'a Launch,
    pub(super) workspace: &'a Path,
}

/// Builds walls around nothing, to see whether they stand.
pub(super) fn try_walls(
    walls: Walls,
    options: &LocalOptions,
    fences: &Fences,
    runs: &Runs,
) -> Result<(), Failure> {
    let kept = runs.start().map_err(|error| Failure::Io("making the scratch folder".to_owned(), error))?;
    let workspace = kept.run().folder().join("empty");
    std::fs::create_dir(&workspace)
        .map_err(|error| Failure::Io("making the scratch folder".to_owned(), error))?;
    let launch = Launch::new(&workspace, [""; 0]);
    let job = Job { options, launch: &launch, workspace: &workspace };
    job.start(walls, fences, runs).map(drop)
}

impl Job<'_> {
    pub(super) fn start(&self, walls: Walls, fences: &Fences, runs: &Runs) -> Result<Running, Failure> {
        let io = |what: &str| {
            let what = what.to_owned();
            move |error| Failure::Io(what, error)
        };
        let started = Instant::now();
        let scratch = match walls {
            Walls::Reduced => Some(runs.start().map_err(io("making the scratch folder"))?),
            Walls::Overlay | Walls::Copy => None,
        };
        let limits = self.launch.limits;
        let memory = limits.memory_bytes.saturating_add(self.store_bytes(walls));
        // Where the kernel takes no more groups the helper watches instead.
        let fence = fences.build(memory, u64::from(limits.processes) + 2).unwrap_or_default();
        let spec = self.spec(walls, scratch.as_ref().map(Kept::run), &fence);
        let (ours, theirs) = UnixStream::pair().map_err(io("making a socket"))?;
        let (input, stdin) = self.stdin().map_err(io("making a pipe"))?;
        let mut helper = std::process::Command::new(&self.options.helper)
            .arg0("bodkin-sandbox")
            .arg(INIT_ARGUMENT)
            .env_clear()
            .current_dir("/")
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(io(&format!("starting {}", self.options.helper.display())))?;
        let outputs = helper.stdout.take().map(OwnedFd::from).zip(helper.stderr.take().map(OwnedFd::from));
        let pid = helper.id();
        let leash = Leash::new(ours, helper, limits, started, fence, scratch);
        let (stdout, stderr) =
            outputs.ok_or_else(|| Failure::Io("making a pipe".to_owned(), io::ErrorKind::Other.into()))?;
        leash.enclose(pid).map_err(io("entering a control group"))?;
        let running = Running::new(
            stdin,
            File::from(stdout),
            File::from(stderr),
            leash,
            level::unusable(String::new()),
        );
        self.settle(running, &spec, input)
    }

    /// Sends the orders and waits until the walls stand.
    fn settle(&self, mut running: Running, spec: &Spec, input: Option<OwnedFd>) -> Result<Running, Failure> {
        // A helper that is gone already has said why, or nothing more can be learned.
        let _ = self.send(running.leash().control(), spec, input.as_ref().map(AsFd::as_fd));
        drop(input);
        match running.leash().until_built() {
            Ok(News::Built) => Ok(running),
            Ok(News::Failed { stage, errno }) => {
                let why = format!("{stage}: {}", io::Error::from_raw_os_error(errno));
                Err(if stage.starts_with(LAYERING) { Failure::Layering(why) } else { Failure::Walls(why) })
            }
            Ok(other) => Err(Failure::Walls(format!("the helper answered {other:?}"))),
            Err(error) => Err(Failure::Io("waiting for the sandbox's helper".to_owned(), error)),
        }
    }

    fn send(&self, control: &mut UnixStream, spec: &Spec, input: Option<BorrowedFd<'_>>) -> io::Result<()> {
        send_first_byte(control, input)?;
        wire::send_json(control, Kind::Spec, spec)?;
        for (_, text) in self.launch.layer.iter() {
            if let Some(text) = text {
                wire::send(control, Kind::Blob, &[text.as_bytes()])?;
            }
        }
        for (_, content) in &self.launch.support {
            wire::send(control, Kind::Blob, &[content])?;
        }
        Ok(())
    }

    fn stdin(&self) -> io::Result<(Option<OwnedFd>, Option<File>)> {
        match self.launch.stdin {
            StdinMode::Null => Ok((None, None)),
            StdinMode::Piped => {
                let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
                Ok((Some(read), Some(File::from(write))))
            }
        }
    }

    fn spec(&self, walls: Walls, run: Option<&Run>, fence: &Fence) -> Spec {
        let launch = self.launch;
        let mut places = Places::around(self.workspace);
        let cwd = self.below(self.workspace);
        let tools = Tools { options: self.options, workspace: self.workspace, cwd: &cwd };
        let path = tools.show(&mut places);
        let program = launch.argv.first().map(Path::new);
        if let Some(program) = program {
            tools.show_program(program, &path, &mut places);
        }
        let home = self.options.home.clone().unwrap_or_else(|| PathBuf::from("/home/bodkin"));
        if !places.sees(&home) {
            places.add_home(&home);
        }
        if launch.root != self.workspace {
            places.link(&launch.root, self.workspace);
        }
        let ground = match run {
            None => Ground { path, home: home.clone(), tmp: PathBuf::from("/tmp") },
            Some(run) => Ground { path, home: run.home(), tmp: run.tmp() },
        };
        let moved = run.map(|run| Moved { run, roots: [self.workspace, &launch.root] });
        let env = environment::variables(
            &ground,
            self.options,
            |path| run.is_some() || places.sees(path),
            &launch.env,
        );
        let command = program.map(|_| self.command(env, moved.as_ref()));
        Spec {
            walls,
            workspace: Raw::from(self.workspace),
            scratch: run.map(|run| Raw::from(run.folder())),
            places: places.into_list(),
            layer: launch
                .layer
                .iter()
                .map(|(path, text)| (path.as_str().to_owned(), text.is_some()))
                .collect(),
            support: launch.support.iter().map(|(name, _)| name.clone()).collect(),
            command,
            collect: launch.collect,
            caps: self.caps(walls, fence),
        }
    }

    /// The folder that the command runs in, for a workspace that stands at `root`.
    fn below(&self, root: &Path) -> PathBuf {
        self.launch.cwd.as_ref().map_or_else(|| root.to_path_buf(), |cwd| root.join(cwd.as_str()))
    }

    fn command(&self, env: Vec<Raw>, moved: Option<&Moved<'_>>) -> Command {
        let argv = self.launch.argv.iter().map(|it| Raw::from(it.clone()));
        Command {
            argv: argv.map(|it| moved.map_or(it.clone(), |moved| moved.rewrite(&it))).collect(),
            env: env.into_iter().map(|it| moved.map_or(it.clone(), |moved| moved.rewrite(&it))).collect(),
            cwd: Raw::from(
                moved.map_or(self.below(self.workspace), |moved| self.below(&moved.run.workspace())),
            ),
            piped: self.launch.stdin == StdinMode::Piped,
            merged: self.launch.stderr == StderrMode::Merged,
        }
    }

    fn caps(&self, walls: Walls, fence: &Fence) -> Caps {
        let limits = self.launch.limits;
        let is_root = rustix::process::geteuid().is_root();
        Caps {
            wall_ms: limits.wall_ms,
            store_bytes: self.store_bytes(walls),
            disk_bytes: limits.disk_bytes,
            processes: limits.processes,
            watch_memory: (!fence.limits_memory()).then_some(limits.memory_bytes),
            watch_processes: (!fence.limits_processes() && is_root).then_some(limits.processes),
        }
    }

    /// What may be written, and what is laid over the workspace before that.
    fn store_bytes(&self, walls: Walls) -> u64 {
        let laid: usize = self.launch.layer.iter().filter_map(|(_, text)| text.map(|text| text.len())).sum();
        let support: usize = self.launch.support.iter().map(|(_, content)| content.len()).sum();
        let copy = match walls {
            Walls::Copy => COPY_BYTES,
            Walls::Overlay | Walls::Reduced => 0,
        };
        self.launch.limits.disk_bytes.saturating_add(copy).saturating_add((laid + support) as u64)
    }
}

/// In a reduced sandbox the workspace and the support files stand elsewhere.
struct Moved<'a> {
    run: &'a Run,
    roots: [&'a Path; 2],
}

impl Moved<'_> {
    fn rewrite(&self, text: &Raw) -> Raw {
        use std::os::unix::ffi::OsStrExt;
        let mut bytes = text.bytes().to_vec();
        bytes = replace(&bytes, SUPPORT_DIR.as_bytes(), self.run.support().as_os_str().as_bytes());
        for root in self.roots {
            bytes = replace(&bytes, root.as_os_str().as_bytes(), self.run.workspace().as_os_str().as_bytes());
        }
        Raw::from(std::ffi::OsStr::from_bytes(&bytes))
    }
}

/// Replaces the path `from` by `to` wherever it stands as a whole: at the start of a text or after one of
/// `=:,"' `, and before the end or one of `/:,"' `.
fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut done = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, others)) = rest.split_first() {
        let starts = done.last().is_none_or(|before| b"=:,\"' ".contains(before));
        match rest.strip_prefix(from) {
            Some(after) if starts && after.first().is_none_or(|next| b"/:,\"' ".contains(next)) => {
                done.extend_from_slice(to);
                rest = after;
            }
            _ => {
                done.push(first);
                rest = others;
            }
        }
    }
    done
}

/// The first byte carries the command's standard input, if it has one.
fn send_first_byte(control: &UnixStream, input: Option<BorrowedFd<'_>>) -> io::Result<()> {
    use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut extra = SendAncillaryBuffer::new(&mut space);
    let descriptors = input.map(|input| [input]);
    if let Some(descriptors) = &descriptors {
        extra.push(SendAncillaryMessage::ScmRights(descriptors));
    }
    sendmsg(control, &[io::IoSlice::new(b"+")], &mut extra, SendFlags::NOSIGNAL)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_replaced_as_a_whole_only() {
        let moved = |text: &str| String::from_utf8(replace(text.as_bytes(), b"/w", b"/copy")).unwrap();
        assert_eq!(moved("/w"), "/copy");
        assert_eq!(moved("--root=/w/a:/w"), "--root=/copy/a:/copy");
        assert_eq!(moved("/work/w /x/w"), "/work/w /x/w");
    }
}
