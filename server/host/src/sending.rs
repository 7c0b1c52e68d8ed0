//! Leave to send the workspace to where the sandbox is. A sandbox of this machine sends nothing and needs none.

use std::collections::BTreeMap;

use bodkin_agent::ActFailure;
use bodkin_guard::action::SendFiles;
use bodkin_guard::ledger::Did;
use bodkin_guard::{Grant, Permit, Request};
use bodkin_sync::{Rules, scan};
use bodkin_text::Layer;

use crate::inner::{Inner, lock};
use crate::perform::refused;

/// What the user agreed to by choosing a sandbox elsewhere, which only they can: in their own settings, or by name
/// in the request.
pub(crate) fn grant(host: &Inner) -> Option<Grant> {
    host.sandbox.destination().map(|to| Grant::SendTo { to })
}

/// Asks for leave to send the workspace with `layer` over it; `None` where nothing is sent.
pub(crate) fn permit(
    host: &Inner,
    request: &Request,
    layer: &Layer,
) -> Result<Option<Permit<SendFiles>>, ActFailure> {
    let Some(to) = host.sandbox.destination() else { return Ok(None) };
    let rules = Rules::default();
    let known = lock(&host.manifest).clone();
    let found = scan(host.root(), &rules, known.as_ref())
        .map_err(|error| ActFailure::Broken(format!("looking at the workspace: {error}")))?;
    *lock(&host.manifest) = Some(found.manifest().clone());
    let left_out = found.left_out().count() as u64;
    let state = found.state.lay(layer, &rules);
    let sums = state.manifest().sums();
    let action =
        SendFiles { to, root: state.manifest().root(), files: sums.files, bytes: sums.bytes, left_out };
    let permit =
        host.with_ledger(|guard, ledger| guard.review_send(action, request, ledger)).map_err(refused)?;
    // Told before the first byte: what a cut connection left half-way has left this machine all the same.
    let figures = BTreeMap::from([("files".to_owned(), sums.files), ("bytes".to_owned(), sums.bytes)]);
    let summary = format!("goes to {}", permit.action().to);
    host.record(request.run, &Did { permit: permit.seq(), done: true, summary, figures })?;
    Ok(Some(permit))
}
