//! `POST /sandboxes` and `POST /v2/sandboxes`: a new sandbox.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use bodkin_e2b::address;
use bodkin_e2b::control::{Created, DEFAULT_TIMEOUT_S, DEFAULT_TIMEOUT_V1_S, NewSandbox};
use bodkin_e2b::native::{WORKSPACE, WORKSPACE_WORD};
use bodkin_sandbox::session::Base;
use bodkin_text::Layer;

use super::{Caller, json};
use crate::bridge::blocking;
use crate::daemon::{Daemon, Wish};
use crate::failure::Failure;
use crate::keys::Key;
use crate::planes::text;
use crate::sandbox::Sandbox;

type Answer = Result<(StatusCode, Json<Created>), Failure>;

pub(super) async fn v1(
    daemon: State<Arc<Daemon>>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    create(daemon, caller, &headers, &body, DEFAULT_TIMEOUT_V1_S).await
}

pub(super) async fn v2(
    daemon: State<Arc<Daemon>>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    create(daemon, caller, &headers, &body, DEFAULT_TIMEOUT_S).await
}

async fn create(
    State(daemon): State<Arc<Daemon>>,
    Caller(key): Caller,
    headers: &HeaderMap,
    body: &[u8],
    default_s: u64,
) -> Answer {
    let new: NewSandbox = json(body)?;
    let repeat = text(headers, address::IDEMPOTENCY_KEY).map(str::to_owned);
    if let Some(made) = repeat.as_deref().and_then(|word| daemon.guests.repeated(&key, word)) {
        return Ok((StatusCode::CREATED, Json(created(&daemon, &made))));
    }
    refuse_what_is_not_offered(&new)?;
    let reach = reach(&daemon, &new)?;
    let life = life(&key, new.timeout.unwrap_or(default_s))?;
    let (base, holds) = match new.metadata.get(WORKSPACE_WORD) {
        None => (Base::Empty, None),
        Some(name) => over_replica(&daemon, &key, name.clone()).await?,
    };
    let wish = Wish {
        key,
        template: new.template_id,
        life,
        auto_pause: new.auto_pause.unwrap_or(false),
        metadata: new.metadata,
        env: new.env_vars,
        reach,
        base,
        holds,
        repeat,
        workdir: None,
        limits: None,
        runs: None,
    };
    let sandbox = daemon.create(wish).await?;
    Ok((StatusCode::CREATED, Json(created(&daemon, &sandbox))))
}

/// The replica of that name as the workspace; it stays what it is as long as the sandbox lives.
async fn over_replica(
    daemon: &Arc<Daemon>,
    key: &Arc<Key>,
    name: String,
) -> Result<(Base, Option<Box<dyn Send + Sync>>), Failure> {
    let (daemon, key) = (daemon.clone(), key.clone());
    blocking(move || {
        let pin = daemon.stores.replica(&key, &name)?.pin();
        let (folder, at) = (pin.folder().to_path_buf(), Some(WORKSPACE.into()));
        Ok((
            Base::Workspace { folder, at, layer: Layer::empty() },
            Some(Box::new(pin) as Box<dyn Send + Sync>),
        ))
    })
    .await
}

/// A life that the key may ask for.
pub(super) fn life(key: &Key, seconds: u64) -> Result<Duration, Failure> {
    if seconds > key.quota.life_s {
        return Err(Failure::bad(format!(
            "a sandbox of the key `{}` lives {} seconds at most, not {seconds}",
            key.name, key.quota.life_s
        )));
    }
    Ok(Duration::from_secs(seconds))
}

fn refuse_what_is_not_offered(new: &NewSandbox) -> Result<(), Failure> {
    let unoffered = |what: &str| Failure::bad(format!("{what} are not offered by this daemon; ask without"));
    if new.volume_mounts.as_ref().is_some_and(|it| !it.is_empty()) {
        return Err(unoffered("volumes"));
    }
    if new.mcp.as_ref().is_some_and(|it| !it.is_null()) {
        return Err(unoffered("MCP servers"));
    }
    if let Some(name) = new.env_vars.keys().find(|name| name.is_empty() || name.contains(['=', '\0'])) {
        return Err(Failure::bad(format!("`{name}` is no name of a variable")));
    }
    Ok(())
}

/// The hosts that the sandbox may reach: what was asked for, of what the daemon allows. The internet as a whole is
/// never open; a sandbox that asks for it gets what the daemon allows, which is nothing unless the daemon was told.
fn reach(daemon: &Daemon, new: &NewSandbox) -> Result<BTreeSet<String>, Failure> {
    let allowed = &daemon.options.reach;
    if new.allow_internet_access == Some(false) {
        return Ok(BTreeSet::new());
    }
    let rules = new.network.clone().unwrap_or_default();
    let denied = rules.deny_out.unwrap_or_default();
    let asked = match rules.allow_out {
        Some(asked) => asked.into_iter().collect(),
        None if denied.iter().any(|it| it == "0.0.0.0/0") => BTreeSet::new(),
        None => allowed.clone(),
    };
    if let Some(host) = asked.iter().find(|host| !allowed.contains(*host)) {
        return Err(Failure::forbidden(format!(
            "sandboxes of this daemon may not reach `{host}`; it is to be started with --reach {host}"
        )));
    }
    Ok(asked.into_iter().filter(|host| !denied.contains(host)).collect())
}

/// As create and connect answer.
pub(super) fn created(daemon: &Daemon, sandbox: &Sandbox) -> Created {
    Created {
        template_id: sandbox.template.clone(),
        sandbox_id: sandbox.id.clone(),
        client_id: "bodkin".to_owned(),
        envd_version: address::ENVD_VERSION.to_owned(),
        envd_access_token: Some(sandbox.token().to_owned()),
        domain: daemon.domain_with_port(),
        alias: None,
    }
}
