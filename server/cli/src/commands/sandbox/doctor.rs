//! `bodkin sandbox doctor`: which sandboxes this machine can offer, and how strong each is.

use std::path::Path;

use bodkin_host::sandbox::{Backend, Sandbox};
use bodkin_host::{HostError, SandboxChoice};
use bodkin_protocol::offer::{Isolation, IsolationLevel};
use bodkin_protocol::payloads::{DoctorCheck, DoctorPayload, DoctorStatus};
use bodkin_protocol::translate;

use crate::args::Shared;
use crate::output::Output;
use crate::world;

pub(super) fn run(shared: &Shared) -> u8 {
    let output = Output::new("sandbox doctor", shared.json);
    match checks(shared) {
        Ok(checks) => {
            let payload = DoctorPayload { checks };
            output.result(None, &payload, |style| super::super::doctor::text(&payload.checks, style))
        }
        Err(error) => output.failure(&error),
    }
}

fn checks(shared: &Shared) -> Result<Vec<DoctorCheck>, HostError> {
    let settings = world::settings(shared)?;
    let root = world::root(shared, &world::here()?);
    let sandbox = world::local()?;
    let walls = translate::isolation(&Sandbox::isolation(&*sandbox));
    Ok(vec![local(&walls, &sandbox.holds()), container(&settings.sandbox, &root)])
}

/// A container is a choice: where none can be had nothing is wrong.
fn container(choice: &SandboxChoice, root: &Path) -> DoctorCheck {
    let found = world::container(choice, root).and_then(|backend| {
        let living = backend.list().map_err(|error| {
            HostError::unavailable(error.to_string(), "Start the engine, or name another by DOCKER_HOST.")
        })?;
        Ok((backend.isolation(), living.len()))
    });
    let (status, detail, next_step) = match found {
        Ok((walls, living)) => {
            let missing = walls.missing.join(" ");
            (DoctorStatus::Ok, format!("the engine answers, {living} of ours live; {missing}"), None)
        }
        Err(error) => (DoctorStatus::Warn, error.message, Some(error.hint)),
    };
    DoctorCheck {
        id: "sandbox.container".to_owned(),
        title: "Containers".to_owned(),
        status,
        detail: detail.trim_end_matches([';', ' ']).to_owned(),
        next_step,
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
