//! The plain interface: `POST /sandbox/create {image, repo_url, commit_sha}` and `POST /sandbox/{id}/exec`.

use std::path::{Component, Path as FsPath, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bodkin_guard::report::{Exit, Stop};
use bodkin_sandbox::session::{Base, ProcessEvent, ProcessOrder};
use bodkin_text::Layer;
use serde::Deserialize;
use serde_json::{Value, json};

use super::create::life;
use super::{Caller, json as read};
use crate::bridge::blocking;
use crate::daemon::{Daemon, Wish};
use crate::envd::process::start;
use crate::failure::Failure;
use crate::sandbox::{HOME, Sandbox};

/// Life of a sandbox, and of a command, unless asked otherwise, seconds.
const LIFE_S: u64 = 3600;
const EXEC_S: u64 = 60;
/// Bytes kept of each stream.
const KEPT: usize = 4 << 20;
/// Where a mirror stands inside.
const MIRROR: &str = "/home/user/.mirror";
/// Where a repository is checked out.
const REPOSITORY: &str = "/home/user/repo";

#[derive(Debug, Default, Deserialize)]
struct Create {
    #[serde(default)]
    image: Option<String>,
    #[serde(default)]
    repo_url: Option<String>,
    #[serde(default)]
    commit_sha: Option<String>,
    #[serde(default)]
    timeout: Option<u64>,
}

pub(super) async fn create(
    State(daemon): State<Arc<Daemon>>,
    Caller(key): Caller,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let asked: Create = read(&body)?;
    if let Some(image) = asked.image.as_deref().filter(|image| !matches!(*image, "" | "base" | "local")) {
        return Err(Failure::bad(format!(
            "there is no image `{image}` here: ask for `base`, which has this machine's tools"
        )));
    }
    let mirror = asked.repo_url.as_deref().map(|url| mirror(&daemon, url)).transpose()?;
    if let Some(sha) = &asked.commit_sha
        && (sha.len() < 7 || sha.len() > 64 || !sha.chars().all(|it| it.is_ascii_hexdigit()))
    {
        return Err(Failure::bad(format!("`{sha}` is no commit's hash")));
    }
    let base = match &mirror {
        None => Base::Empty,
        Some(folder) => Base::Workspace {
            folder: folder.clone(),
            at: Some(PathBuf::from(MIRROR)),
            layer: Layer::default(),
        },
    };
    let life = life(&key, asked.timeout.unwrap_or(LIFE_S.min(key.quota.life_s)))?;
    let wish = Wish {
        key,
        template: "base".to_owned(),
        life,
        auto_pause: false,
        metadata: asked.repo_url.iter().map(|url| ("repo_url".to_owned(), url.clone())).collect(),
        env: [].into(),
        reach: [].into(),
        base,
        holds: None,
        repeat: None,
        workdir: mirror.as_ref().map(|_| PathBuf::from(REPOSITORY)),
        limits: None,
        runs: None,
    };
    let sandbox = daemon.create(wish).await?;
    if mirror.is_some()
        && let Err(failure) = check_out(&daemon, &sandbox, asked.commit_sha).await
    {
        let _ = daemon.kill(&sandbox.id, "its repository could not be checked out").await;
        return Err(failure);
    }
    let answer = json!({"id": sandbox.id, "sandbox_id": sandbox.id, "token": sandbox.token(), "workdir": workdir(mirror.is_some())});
    Ok((StatusCode::CREATED, Json(answer)))
}

fn workdir(has_repository: bool) -> &'static str {
    if has_repository { REPOSITORY } else { HOME }
}

/// The folder that stands for an address: `<mirrors>/<host>/<path>`, with or without `.git`.
fn mirror(daemon: &Daemon, url: &str) -> Result<PathBuf, Failure> {
    let Some(mirrors) = &daemon.options.mirrors else {
        return Err(Failure::forbidden(
            "this daemon clones from mirrors alone, and was started without --mirrors",
        ));
    };
    let plain =
        url.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https" | "ssh" | "git"));
    let name = plain.map(|(_, rest)| rest.trim_end_matches('/')).filter(|rest| !rest.contains('@'));
    let name = name.ok_or_else(|| {
        Failure::bad(format!("`{url}` is no address of a repository that could be mirrored here"))
    })?;
    let inside = FsPath::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    let found = [name.to_owned(), format!("{name}.git")].into_iter().map(|name| mirrors.join(name));
    let found = found.filter(|_| inside).find(|folder| folder.is_dir());
    found.ok_or_else(|| {
        Failure::not_found(format!("there is no mirror of `{url}` below {}", mirrors.display()))
    })
}

/// Clones the mirror inside the walls: what a repository makes git do happens there.
async fn check_out(daemon: &Arc<Daemon>, sandbox: &Arc<Sandbox>, sha: Option<String>) -> Result<(), Failure> {
    let line = format!(
        "git -c safe.directory='*' clone --quiet --no-hardlinks {MIRROR} {REPOSITORY} && cd {REPOSITORY} && git checkout --quiet --detach \"$0\""
    );
    let order = ProcessOrder::new(["/bin/sh", "-c", &line, sha.as_deref().unwrap_or("HEAD")]);
    let ended = run(daemon, sandbox, order, EXEC_S * 5).await?;
    match ended.exit {
        Exit::Code(0) => Ok(()),
        Exit::Code(_) | Exit::Signal(_) | Exit::Stopped(_) => {
            Err(Failure::bad(format!("the repository can not be checked out: {}", ended.stderr.text())))
        }
    }
}

#[derive(Debug, Deserialize)]
struct Exec {
    command: Command,
    #[serde(default)]
    timeout: Option<u64>,
    #[serde(default)]
    cwd: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Command {
    Line(String),
    Argv(Vec<String>),
}

pub(super) async fn exec(
    State(daemon): State<Arc<Daemon>>,
    Caller(key): Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Failure> {
    let sandbox = daemon.guests.of(&key, &id)?;
    if sandbox.is_frozen() {
        return Err(Failure::conflict(format!("The sandbox {id} is paused; resume it first")));
    }
    sandbox.called();
    let asked: Exec = read(&body)?;
    let argv = match asked.command {
        Command::Line(line) => vec!["/bin/sh".to_owned(), "-c".to_owned(), line],
        Command::Argv(argv) => argv,
    };
    let order = ProcessOrder {
        cwd: asked.cwd.map(|cwd| sandbox.path(&cwd)).or_else(|| sandbox.workdir.clone()),
        ..ProcessOrder::new(argv)
    };
    let ended = run(&daemon, &sandbox, order, asked.timeout.unwrap_or(EXEC_S)).await?;
    let code = match ended.exit {
        Exit::Code(code) => code,
        Exit::Signal(signal) => 128 + signal,
        Exit::Stopped(_) => -1,
    };
    Ok(Json(json!({
        "exit_code": code,
        "timed_out": ended.exit == Exit::Stopped(Stop::WallTime),
        "stdout": ended.stdout.text(),
        "stderr": ended.stderr.text(),
        "truncated": ended.stdout.cut || ended.stderr.cut,
    })))
}

struct Ended {
    exit: Exit,
    stdout: Kept,
    stderr: Kept,
}

/// The first bytes of a stream.
#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    cut: bool,
}

impl Kept {
    fn add(&mut self, bytes: &[u8]) {
        let room = KEPT - self.bytes.len();
        self.cut |= bytes.len() > room;
        self.bytes.extend(bytes.iter().take(room));
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

async fn run(
    daemon: &Arc<Daemon>,
    sandbox: &Arc<Sandbox>,
    order: ProcessOrder,
    seconds: u64,
) -> Result<Ended, Failure> {
    let order = ProcessOrder { deadline: Some(Duration::from_secs(seconds.max(1))), ..order };
    let (daemon, sandbox) = (daemon.clone(), sandbox.clone());
    blocking(move || {
        let process = start(&daemon, &sandbox, order)?;
        let mut listen = process.listen();
        let (mut stdout, mut stderr) = (Kept::default(), Kept::default());
        loop {
            match listen.next(Duration::from_secs(1)) {
                Some(ProcessEvent::Stdout(bytes) | ProcessEvent::Terminal(bytes)) => stdout.add(&bytes),
                Some(ProcessEvent::Stderr(bytes)) => stderr.add(&bytes),
                Some(ProcessEvent::Ended(exit)) => return Ok(Ended { exit, stdout, stderr }),
                None if sandbox.session.is_alive() => {}
                None => return Err(Failure::dead_sandbox(&sandbox.id)),
            }
        }
    })
    .await
}
