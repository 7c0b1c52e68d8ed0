//! What a sandbox says of itself: that it lives, its variables, what it uses.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::{Extension, Json};
use bodkin_e2b::files::OwnMetrics;

use super::{Guest, Holder, alive};
use crate::control::now;
use crate::failure::Failure;

/// `GET /health`, for everybody who knows the sandbox's name.
pub(super) async fn health(Extension(sandbox): Guest) -> Result<StatusCode, Failure> {
    if sandbox.session.is_alive() {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Failure::dead_sandbox(&sandbox.id))
    }
}

/// `GET /envs`: the variables that the sandbox was made with.
pub(super) async fn envs(_: Holder, Extension(sandbox): Guest) -> Json<BTreeMap<String, String>> {
    Json(sandbox.env.clone())
}

/// `GET /metrics`.
pub(super) async fn metrics(_: Holder, Extension(sandbox): Guest) -> Result<Json<OwnMetrics>, Failure> {
    let metric = alive(sandbox, now).await?;
    Ok(Json(OwnMetrics {
        ts: metric.timestamp_unix,
        cpu_count: metric.cpu_count,
        cpu_used_pct: metric.cpu_used_pct,
        mem_total: metric.mem_total,
        mem_used: metric.mem_used,
        disk_total: metric.disk_total,
        disk_used: metric.disk_used,
    }))
}
