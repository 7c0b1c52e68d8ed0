//! Whether the daemon lives, and its figures for whoever watches it.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::Caller;
use crate::daemon::Daemon;

/// `GET /health`, for everybody: says nothing but that it lives.
pub(super) async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// `GET /metrics` in Prometheus' text form.
pub(super) async fn metrics(State(daemon): State<Arc<Daemon>>, _: Caller) -> impl IntoResponse {
    let all = daemon.guests.all();
    let frozen = all.iter().filter(|it| it.is_frozen()).count();
    let mut text = String::new();
    let mut line = |name: &str, kind: &str, help: &str, value: u64| {
        // Writing to a String can not fail.
        let _ =
            write!(text, "# HELP bodkin_{name} {help}\n# TYPE bodkin_{name} {kind}\nbodkin_{name} {value}\n");
    };
    let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
    let counts = &daemon.counts;
    line("sandboxes", "gauge", "Sandboxes that live.", all.len() as u64);
    line("sandboxes_paused", "gauge", "Sandboxes that are frozen.", frozen as u64);
    line("sandboxes_created_total", "counter", "Sandboxes made.", load(&counts.created));
    line("sandboxes_ended_total", "counter", "Sandboxes ended.", load(&counts.ended));
    line("commands_total", "counter", "Commands started.", load(&counts.commands));
    line("requests_total", "counter", "Requests answered.", load(&counts.requests));
    line("requests_refused_total", "counter", "Requests answered with 401 or 403.", load(&counts.refused));
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}
