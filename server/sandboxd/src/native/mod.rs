//! Bodkin's own routes: a workspace's replica that follows its original, and runs over it in one round trip.
//!
//! Replicas belong to an API key; contents are shared by hash inside one key and never across.
//! invariants: only-deltas-cross; what stands in a replica was hashed here, never believed

mod back;
mod run;
mod stores;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bodkin_e2b::native::{FRAME_TYPE, MAX_HEAD};
use bodkin_sync::wire::{Answer, MAX_FRAME};
use serde_json::json;

use crate::bridge::blocking;
use crate::control::Caller;
use crate::daemon::Daemon;
use crate::failure::Failure;

pub(crate) use stores::Stores;

pub(crate) fn routes() -> Router<Arc<Daemon>> {
    Router::new()
        .route("/bodkin/v1/workspaces/{key}/sync", post(sync))
        .route("/bodkin/v1/workspaces/{key}/run", post(run::run))
        .layer(DefaultBodyLimit::max(MAX_FRAME + MAX_HEAD + 1024))
}

/// `POST …/sync`: one frame in, one answer out.
async fn sync(
    State(daemon): State<Arc<Daemon>>,
    Caller(key): Caller,
    Path(name): Path<String>,
    frame: Bytes,
) -> Result<Response, Failure> {
    let answer = blocking(move || {
        let replica = daemon.stores.replica(&key, &name)?;
        daemon.permitted(json!({"do": "sync", "key": key.name, "workspace": name, "bytes": frame.len()}))?;
        Ok(replica.receive(&frame))
    });
    answered(&answer.await?)
}

/// An answer of the sync, whose kind is also the status.
fn answered(answer: &Answer) -> Result<Response, Failure> {
    let bytes = answer.encode().map_err(|error| Failure::internal(error.to_string()))?;
    let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Ok((status, [(header::CONTENT_TYPE, FRAME_TYPE)], bytes).into_response())
}
