//! The control plane: one file for each group of routes. Everything but `/health` needs an API key.

mod create;
mod health;
mod life;
mod list;
mod plain;
mod terminal;

pub(crate) use list::{form, now};

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Method, Uri};
use axum::routing::{get, post};
use bodkin_e2b::address;
use serde::de::DeserializeOwned;

use crate::daemon::Daemon;
use crate::failure::Failure;
use crate::keys::Key;
use crate::planes::text;

/// Largest body of a request, bytes.
const BODY: usize = 1 << 20;

pub(crate) fn router(daemon: Arc<Daemon>) -> Router {
    Router::new()
        .route("/health", get(health::health))
        .route("/metrics", get(health::metrics))
        .route("/sandboxes", post(create::v1).get(list::running))
        .route("/v2/sandboxes", post(create::v2).get(list::page))
        .route("/sandboxes/{id}", get(list::one).delete(life::kill))
        .route("/sandboxes/{id}/timeout", post(life::timeout))
        .route("/sandboxes/{id}/refreshes", post(life::refresh))
        .route("/sandboxes/{id}/pause", post(life::pause))
        .route("/sandboxes/{id}/resume", post(life::resume))
        .route("/sandboxes/{id}/connect", post(life::connect))
        .route("/v2/sandboxes/{id}/connect", post(life::connect))
        .route("/sandboxes/{id}/metrics", get(list::metrics))
        .route("/sandbox/create", post(plain::create))
        .route("/sandbox/{id}", axum::routing::delete(life::kill))
        .route("/sandbox/{id}/exec", post(plain::exec))
        .route("/sandbox/{id}/terminal", get(terminal::open))
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(BODY))
        .merge(crate::native::routes())
        .with_state(daemon)
}

async fn nothing(_: Caller, method: Method, uri: Uri) -> Failure {
    Failure::not_found(format!("{method} {} is not offered by this daemon", uri.path()))
}

/// Who calls, known by an API key.
pub(crate) struct Caller(pub(crate) Arc<Key>);

impl FromRequestParts<Arc<Daemon>> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, daemon: &Arc<Daemon>) -> Result<Self, Failure> {
        let bearer = || text(&parts.headers, "authorization")?.strip_prefix("Bearer ");
        let Some(shown) = text(&parts.headers, address::API_KEY).or_else(bearer) else {
            return Err(Failure::unauthorized("an API key is needed, in X-API-Key"));
        };
        daemon
            .options
            .keys
            .find(shown)
            .map(Self)
            .ok_or_else(|| Failure::unauthorized("this API key is not known here"))
    }
}

/// A JSON body; an empty one reads as `{}`.
pub(crate) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|error| Failure::bad(format!("the body is not as it should be: {error}")))
}
