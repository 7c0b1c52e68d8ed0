//! What this machine offers: looked at, not guessed. Tools are asked for their version inside the sandbox.

use bodkin_agent::run::ActFailure;
use bodkin_guard::action::{CommandLine, Limits, Network, Purpose, RunCommand};
use bodkin_guard::ledger::Did;
use bodkin_guard::report::{Exit, Finished, IsolationLevel};
use bodkin_guard::{Request, RunId};
use bodkin_protocol::payloads::{DoctorCheck, DoctorStatus};
use bodkin_sandbox::{Cancel, RunJob, Sandbox};
use bodkin_text::Layer;

use crate::error::HostError;
use crate::facade::Host;
use crate::inner::Inner;
use crate::sending;

/// A tool, the command that tells its version, and what it is for.
const TOOLS: &[(&str, &str, &str)] = &[
    ("python", "python3 --version", "repairs and tests Python"),
    ("pytest", "python3 -m pytest --version", "runs pytest tests; `pip install pytest`"),
    ("node", "node --version", "runs JavaScript and TypeScript tests"),
    ("npm", "npm --version", "runs the test script of package.json"),
    ("go", "go version", "runs `go test`"),
    ("cargo", "cargo --version", "runs `cargo test`"),
    ("maven", "mvn -B --version", "runs `mvn test`"),
    ("gradle", "gradle --version", "runs `gradle test`"),
    ("make", "make --version", "runs a Makefile's `test`"),
];

/// Looks at everything; takes a few seconds.
pub fn examine(host: &Host) -> Vec<DoctorCheck> {
    let inner = host.inner();
    let mut checks = vec![isolation(&*inner.sandbox), state(inner), ledger(inner), applies(host)];
    for &(name, command, purpose) in TOOLS {
        checks.push(tool(inner, name, command, purpose));
    }
    checks.push(workspace(host));
    checks
}

/// The same where the state folder can not be made, for the reason that opening the host gave: nothing can be
/// recorded there, so nothing is run either.
pub fn examine_without_state(sandbox: &dyn Sandbox, error: &HostError) -> Vec<DoctorCheck> {
    let not_run = "not asked: nothing is run that can not be recorded in the state folder";
    let tools = TOOLS.iter().map(|&(name, ..)| DoctorCheck {
        id: format!("tool.{name}"),
        title: name.to_owned(),
        status: DoctorStatus::Warn,
        detail: not_run.to_owned(),
        next_step: some("See the state folder above."),
    });
    [isolation(sandbox), state_check(DoctorStatus::Fail, error.message.clone())]
        .into_iter()
        .chain(tools)
        .collect()
}

fn isolation(sandbox: &dyn Sandbox) -> DoctorCheck {
    let walls = sandbox.isolation();
    let check = |status, detail: String, next_step: &str| DoctorCheck {
        id: "isolation".to_owned(),
        title: "Sandbox".to_owned(),
        status,
        detail,
        next_step: some(next_step),
    };
    match walls.level {
        IsolationLevel::Full => check(DoctorStatus::Ok, format!("{}, full isolation", walls.backend), ""),
        IsolationLevel::Reduced => check(
            DoctorStatus::Warn,
            format!("{}, weaker walls: {}", walls.backend, walls.missing.join("; ")),
            "Allow unprivileged user namespaces (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns), or accept the weaker walls with --allow-reduced.",
        ),
    }
}

fn state(host: &Inner) -> DoctorCheck {
    let folder = host.state.at("");
    let written = host.state.lock("doctor.lock");
    match written {
        Ok(_) => state_check(DoctorStatus::Ok, format!("`{}` can be written", folder.display())),
        Err(error) => {
            state_check(DoctorStatus::Fail, format!("`{}` can not be written: {error}", folder.display()))
        }
    }
}

fn state_check(status: DoctorStatus, detail: String) -> DoctorCheck {
    let next_step = match status {
        DoctorStatus::Ok => None,
        DoctorStatus::Warn | DoctorStatus::Fail => {
            some("Make room there, or set XDG_STATE_HOME to a folder that can be written.")
        }
    };
    DoctorCheck { id: "state".to_owned(), title: "State folder".to_owned(), status, detail, next_step }
}

fn ledger(host: &Inner) -> DoctorCheck {
    let (status, detail, next_step) = match crate::ledger::check_dir(&host.state) {
        Ok(found) => match found.report {
            None => (DoctorStatus::Ok, "nothing recorded yet".to_owned(), ""),
            Some(report) if report.breaks.is_empty() => {
                (DoctorStatus::Ok, format!("{} lines, whole", report.entries), "")
            }
            Some(report) => (
                DoctorStatus::Fail,
                format!("{} break(s) in {} lines", report.breaks.len(), report.entries),
                "`bodkin ledger verify` names the lines. Keep the file as evidence, and move it away to begin a new one.",
            ),
        },
        Err(error) => (DoctorStatus::Fail, error.message, "Check that file."),
    };
    DoctorCheck {
        id: "ledger".to_owned(),
        title: "Ledger".to_owned(),
        status,
        detail,
        next_step: some(next_step),
    }
}

fn applies(host: &Host) -> DoctorCheck {
    let recovered = host.recovered();
    let left = host.inner().state.list("journal").map(|names| names.len()).unwrap_or(0);
    let (status, detail, next_step) = match (recovered.is_empty(), left) {
        (true, 0) => (DoctorStatus::Ok, "none was interrupted".to_owned(), ""),
        (false, 0) => {
            (DoctorStatus::Warn, recovered.join("; "), "Look at the files named; nothing else is left to do.")
        }
        (_, left) => (
            DoctorStatus::Fail,
            format!("{left} interrupted apply(s) could not be put right: {}", recovered.join("; ")),
            "Look at the files named and mend them by hand.",
        ),
    };
    DoctorCheck {
        id: "applies".to_owned(),
        title: "Applied changes".to_owned(),
        status,
        detail,
        next_step: some(next_step),
    }
}

fn tool(host: &Inner, name: &str, command: &str, purpose: &str) -> DoctorCheck {
    let line = |status, detail: String, next_step: Option<String>| DoctorCheck {
        id: format!("tool.{name}"),
        title: name.to_owned(),
        status,
        detail,
        next_step,
    };
    match in_sandbox(host, command) {
        Ok(finished) if finished.succeeded() => {
            let version = uncoloured(&finished.output)
                .lines()
                .find(|it| !it.trim().is_empty())
                .unwrap_or_default()
                .trim()
                .to_owned();
            line(DoctorStatus::Ok, version, None)
        }
        Ok(finished) => {
            let what = match finished.exit {
                Exit::Code(127) => "is not found in the sandbox: it is not installed, or not on the PATH",
                Exit::Code(_) | Exit::Signal(_) | Exit::Stopped(_) => "does not run in the sandbox",
            };
            let next_step = format!("Only needed where it {purpose}.");
            line(DoctorStatus::Warn, format!("`{command}` {what}"), Some(next_step))
        }
        Err(failure) => {
            let (ActFailure::Refused(why) | ActFailure::Unavailable(why) | ActFailure::Broken(why)) = failure;
            line(
                DoctorStatus::Warn,
                format!("could not be asked: {why}"),
                Some("See the sandbox above.".to_owned()),
            )
        }
    }
}

/// Some tools colour what they say also where no terminal shows it.
fn uncoloured(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default();
    let rest = parts.map(|part| part.split_once(|it: char| it.is_ascii_alphabetic()).map_or("", |it| it.1));
    std::iter::once(first).chain(rest).collect()
}

fn in_sandbox(host: &Inner, command: &str) -> Result<Finished, ActFailure> {
    let layer = Layer::empty();
    let action = RunCommand {
        purpose: Purpose::Asked,
        command: CommandLine::Shell(command.to_owned()),
        cwd: None,
        env: Default::default(),
        network: Network::Off,
        limits: Limits { wall_ms: 10_000, ..Limits::default() },
        layer: layer.hash(),
        observe: false,
    };
    let request =
        Request { run: RunId(0), asker: host.asker, grants: sending::grant(host).into_iter().collect() };
    let send = sending::permit(host, &request, &layer)?;
    let walls = host.sandbox.isolation();
    let permit = host
        .with_ledger(|guard, ledger| guard.review_run(action, &walls, &request, ledger))
        .map_err(|refusal| ActFailure::Refused(refusal.to_string()))?;
    let seq = permit.seq();
    let mut ignore = |_: &[u8]| {};
    let job =
        RunJob { root: host.root(), layer: &layer, cancel: &Cancel::new(), on_output: &mut ignore, send };
    let result = host.sandbox.run(permit, job).map_err(|error| ActFailure::Broken(error.to_string()));
    let done =
        Did { permit: seq, done: result.is_ok(), summary: command.to_owned(), figures: Default::default() };
    host.record(request.run, &done)?;
    result
}

fn workspace(host: &Host) -> DoctorCheck {
    let listing = host.listing();
    let known = host.snapshot().files().filter(|(_, file)| file.language().is_some()).count();
    DoctorCheck {
        id: "workspace".to_owned(),
        title: "Workspace".to_owned(),
        status: if known == 0 { DoctorStatus::Warn } else { DoctorStatus::Ok },
        detail: format!(
            "`{}`: {} files, {known} in a language that can be repaired",
            host.root().display(),
            listing.len()
        ),
        next_step: (known == 0)
            .then(|| "Open a folder with Python, JavaScript or TypeScript in it.".to_owned()),
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
