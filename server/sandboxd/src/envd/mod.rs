//! A sandbox's own API: files, processes and watches, with the sandbox's token.

mod compose;
mod content;
mod files;
mod input;
mod own;
pub(crate) mod process;
mod signed;
mod told;
mod upload;
mod watch;

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use bodkin_e2b::connect::{self, Code};
use bodkin_e2b::{address, filesystem, process as messages};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bridge::blocking;
use crate::daemon::Daemon;
use crate::failure::Failure;
use crate::planes::text;
use crate::sandbox::Sandbox;

pub(crate) use signed::Signed;

/// Largest body of a call, bytes: a piece of input in base64 with room.
const BODY: usize = 32 << 20;

type Guest = Extension<Arc<Sandbox>>;

pub(crate) fn router(daemon: Arc<Daemon>) -> Router {
    Router::new()
        .route("/health", get(own::health))
        .route("/metrics", get(own::metrics))
        .route("/envs", get(own::envs))
        .route("/files", get(content::download).post(upload::upload).layer(DefaultBodyLimit::disable()))
        .route("/files/compose", post(compose::compose))
        .route(messages::path::START, post(process::start_stream))
        .route(messages::path::CONNECT, post(process::connect_stream))
        .route(messages::path::STREAM_INPUT, post(input::stream).layer(DefaultBodyLimit::disable()))
        .route(filesystem::path::WATCH_DIR, post(watch::stream))
        .route("/process.Process/{method}", post(call))
        .route("/filesystem.Filesystem/{method}", post(call))
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(BODY))
        .with_state(daemon)
}

async fn nothing(uri: Uri) -> Failure {
    let message = format!("{} is not offered by this daemon", uri.path());
    Failure::new(axum::http::StatusCode::NOT_FOUND, Code::Unimplemented, message)
}

/// A caller who showed the sandbox's token, and named no user but the one there is.
pub(crate) struct Holder;

impl<S: Sync> FromRequestParts<S> for Holder {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let sandbox = parts.extensions.get::<Arc<Sandbox>>();
        let sandbox = sandbox.ok_or_else(|| Failure::internal("a request that came without its sandbox"))?;
        let shown = text(&parts.headers, address::ACCESS_TOKEN);
        if !shown.is_some_and(|token| sandbox.has_token(token)) {
            return Err(Failure::unauthorized(format!(
                "the sandbox's token is needed, in {}",
                address::ACCESS_TOKEN
            )));
        }
        let user = text(&parts.headers, header::AUTHORIZATION.as_str()).and_then(address::parse_basic_user);
        check_user(user.as_deref())?;
        Ok(Self)
    }
}

/// There is one user in a sandbox.
pub(crate) fn check_user(user: Option<&str>) -> Result<(), Failure> {
    match user {
        None | Some("" | address::DEFAULT_USER) => Ok(()),
        Some(other) => Err(Failure::unauthorized(format!(
            "there is no user `{other}` in this sandbox: everything in it belongs to `{}`",
            address::DEFAULT_USER
        ))),
    }
}

/// All unary calls.
async fn call(
    State(daemon): State<Arc<Daemon>>,
    Extension(sandbox): Guest,
    holder: Result<Holder, Failure>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(failure) = holder {
        return failure.into_unary();
    }
    if !text(&headers, header::CONTENT_TYPE.as_str()).is_some_and(|it| it.starts_with(connect::UNARY_TYPE)) {
        return Failure::new(
            axum::http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Code::Unimplemented,
            "calls are JSON here",
        )
        .into_response();
    }
    match uri.path() {
        filesystem::path::STAT => unary(sandbox, body, files::stat).await,
        filesystem::path::MAKE_DIR => unary(sandbox, body, files::make_dir).await,
        filesystem::path::MOVE => unary(sandbox, body, files::rename).await,
        filesystem::path::LIST_DIR => unary(sandbox, body, files::list).await,
        filesystem::path::REMOVE => unary(sandbox, body, files::remove).await,
        filesystem::path::CREATE_WATCHER => unary(sandbox, body, watch::create).await,
        filesystem::path::GET_WATCHER_EVENTS => unary(sandbox, body, watch::events).await,
        filesystem::path::REMOVE_WATCHER => unary(sandbox, body, watch::remove).await,
        messages::path::LIST => unary(sandbox, body, process::list).await,
        messages::path::UPDATE => unary(sandbox, body, input::resize).await,
        messages::path::SEND_INPUT => unary(sandbox, body, input::send).await,
        messages::path::CLOSE_STDIN => unary(sandbox, body, input::close).await,
        messages::path::SEND_SIGNAL => {
            unary(sandbox, body, move |sandbox, request| input::signal(&daemon, sandbox, request)).await
        }
        other => Failure::new(
            axum::http::StatusCode::NOT_FOUND,
            Code::Unimplemented,
            format!("{other} is not offered by this daemon"),
        )
        .into_unary(),
    }
}

async fn unary<Q, A, F>(sandbox: Arc<Sandbox>, body: Bytes, act: F) -> Response
where
    Q: DeserializeOwned + Send + 'static,
    A: Serialize + Send + 'static,
    F: FnOnce(&Sandbox, Q) -> Result<A, Failure> + Send + 'static,
{
    let request: Q = match parse(&body) {
        Ok(request) => request,
        Err(failure) => return failure.into_unary(),
    };
    match alive(sandbox, move |sandbox| act(sandbox, request)).await {
        Ok(answer) => Json(answer).into_response(),
        Err(failure) => failure.into_unary(),
    }
}

/// Does something in a sandbox on a thread. What fails because the sandbox is gone is told as that.
pub(crate) async fn alive<T: Send + 'static>(
    sandbox: Arc<Sandbox>,
    act: impl FnOnce(&Sandbox) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    blocking(move || {
        act(&sandbox).map_err(|failure| {
            if sandbox.session.is_alive() { failure } else { Failure::dead_sandbox(&sandbox.id) }
        })
    })
    .await
}

fn parse<Q: DeserializeOwned>(body: &[u8]) -> Result<Q, Failure> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|error| Failure::bad(format!("the request can not be read: {error}")))
}

/// The one message of a request to a streaming call.
fn parse_enveloped<Q: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<Q, Failure> {
    if !text(headers, header::CONTENT_TYPE.as_str()).is_some_and(|it| it.starts_with(connect::STREAM_TYPE)) {
        return Err(Failure::bad(format!("a stream's content type is {}", connect::STREAM_TYPE)));
    }
    let mut reader = connect::Reader::new(BODY);
    reader.push(body);
    let envelope = reader.take().map_err(|error| Failure::bad(error.to_string()))?;
    let envelope = envelope.ok_or_else(|| Failure::bad("the request ends before its first message"))?;
    parse(&envelope.body)
}

/// The answer of a streaming call.
fn streamed(body: Body) -> Response {
    ([(header::CONTENT_TYPE, connect::STREAM_TYPE)], body).into_response()
}

/// The answer of a streaming call that failed before its first message.
fn failed_stream(failure: Failure) -> Response {
    if failure.status == axum::http::StatusCode::BAD_GATEWAY {
        return failure.into_response();
    }
    streamed(Body::from(failure.into_end()))
}
