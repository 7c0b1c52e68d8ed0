//! `bodkin sandbox doctor`: which sandboxes this machine can offer, and how strong each is.

use bodkin_protocol::offer::{Isolation, IsolationLevel};
use bodkin_protocol::payloads::{DoctorCheck, DoctorPayload, DoctorStatus};
use bodkin_protocol::translate;

use crate::args::Shared;
use crate::output::Output;
use crate::world;

pub(super) fn run(shared: &Shared) -> u8 {
    let output = Output::new("sandbox doctor", shared.json);
    match world::sandbox() {
        Ok(sandbox) => {
            let walls = translate::isolation(&sandbox.isolation());
            let payload = DoctorPayload { checks: vec![local(&walls, &sandbox.holds())] };
            output.result(None, &payload, |style| super::super::doctor::text(&payload.checks, style))
        }
        Err(error) => output.failure(&error),
    }
}

fn local(walls: &Isolation, holds: &[String]) -> DoctorCheck {
    let missing = walls.missing.join(" ");
    let (status, detail) = match walls.level {
        IsolationLevel::Full if missing.is_empty() => (DoctorStatus::Ok, "full isolation".to_owned()),
        IsolationLevel::Full => (DoctorStatus::Warn, format!("full isolation, but: {missing}")),
        IsolationLevel::Reduced => (DoctorStatus::Warn, format!("weaker walls: {missing}")),
    };
    let detail = if holds.is_empty() { detail } else { format!("{detail} (it has: {})", holds.join("; ")) };
    DoctorCheck {
        id: "sandbox.local".to_owned(),
        title: "Local sandbox".to_owned(),
        status,
        detail,
        next_step: (status != DoctorStatus::Ok)
            .then(|| "A container or a remote sandbox has walls of its own.".to_owned()),
    }
}
