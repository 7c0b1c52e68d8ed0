//! `bodkin sandbox run`: runs a command on the present workspace, passes on what it prints and how it ended, and
//! shows what it would change.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use bodkin_host::sandbox::{Cancel, Exit, Limits};
use bodkin_host::{Applied, Asker, HostError, TrialOrder, Tried};
use bodkin_protocol::offer::IsolationLevel;
use bodkin_protocol::trial::{TrialChange, TrialChangeKind, TrialVerdict};
use bodkin_protocol::{Failure, FailureKind, TrialPayload};
use bodkin_text::RelPath;

use crate::args::{RunArgs, Shared};
use crate::output::{Harmless, Output, Style, count, harmless, seconds};
use crate::stop::Stop;
use crate::world;

/// What a shell answers for a command that a signal ended, added to the signal's number.
const SIGNALLED: u8 = 128;

/// What `timeout` answers for a command that it stopped.
const STOPPED: u8 = 124;

/// Changes whose difference is shown whole; of more only the names.
const SHOWN: usize = 20;

pub(super) fn run(shared: &Shared, args: &RunArgs) -> u8 {
    let mut output = Output::new("sandbox run", shared.json);
    match work(shared, args, &mut output) {
        Ok((tried, kept)) => {
            let payload = bodkin_host::wire::trial(&tried, kept.as_ref());
            let code = exit_code(&tried.trial.finished.exit);
            if shared.json {
                let failure = (code != 0).then(|| {
                    Failure::new(
                        FailureKind::NotProved,
                        format!("the command {}", payload.exit),
                        "See its output.",
                    )
                });
                output.result(failure, &payload, |_| String::new());
            } else {
                report(&payload, args.keep);
            }
            code
        }
        Err(error) => output.failure(&error),
    }
}

fn work(shared: &Shared, args: &RunArgs, output: &mut Output) -> Result<(Tried, Option<Applied>), HostError> {
    let settings = world::settings(shared)?;
    let also = args.also.iter().map(|path| named(path)).collect::<Result<BTreeSet<_>, _>>()?;
    let env = world::named_variables(&args.env)?;
    let host = world::open(shared, settings, Asker::Headless)?;
    output.about(host.root());
    host.recovered().into_iter().for_each(|sentence| output.remark(sentence));
    let here = world::here()?;
    let order = TrialOrder {
        argv: args.command.clone(),
        cwd: host.rel(&here).ok(),
        hosts: args.net.iter().map(|host| host.trim().to_owned()).filter(|it| !it.is_empty()).collect(),
        env,
        limits: Limits {
            wall_ms: args.timeout.saturating_mul(1000).max(1),
            memory_bytes: args.memory.saturating_mul(1 << 20),
            output_bytes: 1 << 30,
            ..Limits::default()
        },
    };
    let tried = stoppable(|cancel| {
        let mut shown = Shown::new(shared.json);
        let tried = host.try_command(order, cancel, &mut |bytes| shown.pass(bytes));
        shown.end();
        tried
    })?;
    let kept = if args.keep { host.keep(&tried, &also)? } else { None };
    Ok((tried, kept))
}

fn named(path: &str) -> Result<RelPath, HostError> {
    RelPath::new(path).map_err(|error| HostError::bad(error.to_string(), "Name files as they are listed."))
}

/// Does something that Ctrl-C stops.
fn stoppable<T>(act: impl FnOnce(&Cancel) -> T) -> T {
    let (stop, cancel, is_over) = (Stop::listen(), Cancel::new(), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::SeqCst) {
                if stop.is_asked() {
                    return cancel.cancel();
                }
                thread::park_timeout(Duration::from_millis(50));
            }
        });
        let result = act(&cancel);
        is_over.store(true, Ordering::SeqCst);
        result
    })
}

/// Where a command's output goes: to standard output as it comes, made harmless where a terminal shows it.
struct Shown {
    is_silent: bool,
    filter: Option<Harmless>,
}

impl Shown {
    fn new(is_silent: bool) -> Self {
        Self { is_silent, filter: io::stdout().is_terminal().then(Harmless::default) }
    }

    fn pass(&mut self, bytes: &[u8]) {
        match &mut self.filter {
            Some(filter) => {
                let text = filter.pass(bytes);
                self.write(text.as_bytes());
            }
            None => self.write(bytes),
        }
    }

    fn end(&mut self) {
        if let Some(mut filter) = self.filter.take() {
            self.write(filter.end().as_bytes());
        }
    }

    /// A reader that has gone away is no failure.
    fn write(&self, bytes: &[u8]) {
        if !self.is_silent {
            let mut out = io::stdout().lock();
            let _ = out.write_all(bytes).and_then(|()| out.flush());
        }
    }
}

fn exit_code(exit: &Exit) -> u8 {
    match exit {
        Exit::Code(code) => u8::try_from(*code).unwrap_or(u8::MAX),
        Exit::Signal(signal) => SIGNALLED.saturating_add(u8::try_from(*signal).unwrap_or(0)),
        Exit::Stopped(bodkin_host::sandbox::Stop::Cancelled) => SIGNALLED + 2,
        Exit::Stopped(_) => STOPPED,
    }
}

/// What is said of a run beside its own output; on standard error, as the output is the command's.
fn report(payload: &TrialPayload, keep: bool) {
    let style = Style::of_stderr();
    let mut out = String::new();
    if payload.exit_code.is_none() {
        out.push_str(&format!("{} the command {}\n", style.bad("bodkin:"), payload.exit));
    }
    for host in &payload.refused_hosts {
        let host = harmless(host);
        out.push_str(&format!("{} {host} was not reached: name it with --net\n", style.warn("network:")));
    }
    out.push_str(&changes(payload, keep, style));
    let walls = &payload.isolation;
    let level = match walls.level {
        IsolationLevel::Full => "isolated".to_owned(),
        IsolationLevel::Reduced => format!("weaker walls: {}", walls.missing.join(" ")),
    };
    let took = seconds(payload.wall_ms);
    out.push_str(&style.dim(&format!("ran {took} in the {} sandbox ({level})\n", walls.backend)));
    let mut err = io::stderr().lock();
    let _ = err.write_all(out.as_bytes());
}

fn changes(payload: &TrialPayload, keep: bool, style: Style) -> String {
    let mut out = String::new();
    let files: Vec<&TrialChange> =
        payload.changes.iter().filter(|it| it.kind != TrialChangeKind::Folder).collect();
    for (number, change) in files.iter().enumerate() {
        if number < SHOWN && !change.diff.is_empty() && !payload.kept.contains(&change.path) {
            out.push_str(&style.diff(&harmless(&change.diff)));
        }
    }
    for change in &files {
        out.push_str(&line(change, payload, style));
    }
    for sentence in &payload.left_out {
        out.push_str(&format!("  {} {sentence}\n", style.warn("not looked at:")));
    }
    let free = files.iter().filter(|it| it.verdict == TrialVerdict::Free).count() as u64;
    match &payload.checkpoint {
        Some(checkpoint) => {
            let files = count(payload.kept.len() as u64, "file");
            out.push_str(&format!(
                "{} {files} as {checkpoint}; take it back with `bodkin undo`\n",
                style.good("kept")
            ));
        }
        None if keep => out.push_str("nothing to keep; your files are as they were\n"),
        None if files.is_empty() => out.push_str("it changed nothing\n"),
        None if free == 0 => out.push_str("your files are as they were\n"),
        None => {
            let changes = count(free, "change");
            out.push_str(&format!("your files are as they were; --keep puts {changes} in place\n"));
        }
    }
    out
}

fn line(change: &TrialChange, payload: &TrialPayload, style: Style) -> String {
    let word = match change.kind {
        TrialChangeKind::Added => "added",
        TrialChangeKind::Changed => "changed",
        TrialChangeKind::Removed => "removed",
        TrialChangeKind::Folder => "folder",
        TrialChangeKind::Link => "link",
        TrialChangeKind::Other => "other",
    };
    let is_kept = payload.kept.contains(&change.path);
    let note = match change.verdict {
        _ if is_kept => String::new(),
        TrialVerdict::Free => String::new(),
        TrialVerdict::Held => {
            format!(" {} {} (--also {} keeps it)", style.warn("held back:"), change.reason, change.path)
        }
        TrialVerdict::Refused => format!(" {} {}", style.bad("can not be kept:"), change.reason),
    };
    format!("  {word:<8} {}{note}\n", change.path)
}
