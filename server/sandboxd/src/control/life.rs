//! How long a sandbox lives: timeout, pause, resume, connect, kill.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bodkin_e2b::control::{Created, DEFAULT_TIMEOUT_S, Timeout};

use super::create::{created, life};
use super::{Caller, json};
use crate::clock;
use crate::daemon::Daemon;
use crate::failure::Failure;

type Shared = State<Arc<Daemon>>;

pub(super) async fn kill(
    State(daemon): Shared,
    Caller(key): Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    daemon.guests.of(&key, &id)?;
    let killed = daemon.kill(&id, "asked for").await?;
    if killed { Ok(StatusCode::NO_CONTENT) } else { Err(Failure::no_sandbox(&id)) }
}

pub(super) async fn timeout(
    State(daemon): Shared,
    Caller(key): Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Failure> {
    let sandbox = daemon.guests.of(&key, &id)?;
    let asked: Timeout = json(&body)?;
    let seconds = asked.timeout.ok_or_else(|| Failure::bad("`timeout` is missing, in seconds"))?;
    sandbox.live_for(life(&key, seconds)?);
    daemon.guests.touch();
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn refresh(
    State(daemon): Shared,
    Caller(key): Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Failure> {
    let sandbox = daemon.guests.of(&key, &id)?;
    let asked: Timeout = json(&body)?;
    extend(&daemon, &sandbox, life(&key, asked.duration.or(asked.timeout).unwrap_or(DEFAULT_TIMEOUT_S))?);
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn pause(
    State(daemon): Shared,
    Caller(key): Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    let sandbox = daemon.guests.of(&key, &id)?;
    if sandbox.is_frozen() {
        return Err(Failure::conflict(format!("The sandbox {id} is already paused")));
    }
    daemon.freeze(sandbox, true, Duration::from_secs(key.quota.life_s)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn resume(
    State(daemon): Shared,
    Caller(key): Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<Created>), Failure> {
    let sandbox = daemon.guests.of(&key, &id)?;
    if !sandbox.is_frozen() {
        return Err(Failure::conflict(format!("The sandbox {id} is already running")));
    }
    let asked: Timeout = json(&body)?;
    daemon.freeze(sandbox.clone(), false, life(&key, asked.timeout.unwrap_or(DEFAULT_TIMEOUT_S))?).await?;
    Ok((StatusCode::CREATED, Json(created(&daemon, &sandbox))))
}

pub(super) async fn connect(
    State(daemon): Shared,
    Caller(key): Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<Created>), Failure> {
    let sandbox = daemon.guests.of(&key, &id)?;
    if !sandbox.session.is_alive() {
        return Err(Failure::no_sandbox(&id));
    }
    let asked: Timeout = json(&body)?;
    let asked = life(&key, asked.timeout.unwrap_or(DEFAULT_TIMEOUT_S))?;
    if sandbox.is_frozen() {
        daemon.freeze(sandbox.clone(), false, asked).await?;
        return Ok((StatusCode::CREATED, Json(created(&daemon, &sandbox))));
    }
    extend(&daemon, &sandbox, asked);
    Ok((StatusCode::OK, Json(created(&daemon, &sandbox))))
}

/// Lets it live so long from now, if that is longer than it lives anyway.
fn extend(daemon: &Daemon, sandbox: &crate::sandbox::Sandbox, asked: Duration) {
    if clock::now() + asked > sandbox.ends() {
        sandbox.live_for(asked);
        daemon.guests.touch();
    }
}
