//! What one probe is about: the files, the candidates, and how long it may take.

use std::num::NonZero;
use std::path::Path;
use std::time::{Duration, Instant};

use bodkin_guard::action::{Limits, Probe};
use bodkin_text::Layer;

use crate::Cancel;

/// One batch of candidates and what bounds it.
pub(super) struct Batch<'a> {
    pub(super) root: &'a Path,
    pub(super) action: &'a Probe,
    pub(super) layer: &'a Layer,
    pub(super) candidates: &'a [Layer],
    pub(super) cancel: &'a Cancel,
    pub(super) deadline: Instant,
    /// How many candidates are tried at once.
    pub(super) jobs: u32,
}

impl<'a> Batch<'a> {
    #[expect(clippy::disallowed_methods, reason = "the sandbox keeps the deadline")]
    pub(super) fn new(
        root: &'a Path,
        action: &'a Probe,
        layer: &'a Layer,
        candidates: &'a [Layer],
        cancel: &'a Cancel,
    ) -> Self {
        Self {
            root,
            action,
            layer,
            candidates,
            cancel,
            deadline: Instant::now() + Duration::from_millis(action.limits.wall_ms),
            jobs: std::thread::available_parallelism().map_or(1, NonZero::get).try_into().unwrap_or(1),
        }
    }

    /// The limits of a process that stays over several batches: each batch keeps its own time.
    pub(super) fn lasting_limits(&self) -> Limits {
        Limits { wall_ms: A_DAY_MS, output_bytes: u64::MAX, ..self.action.limits }
    }
}

const A_DAY_MS: u64 = 24 * 60 * 60 * 1000;
