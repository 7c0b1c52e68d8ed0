//! `bodkin sandbox list` and `kill`: the sandboxes that live now.
//!
//! A local one belongs to the process that made it and is found by its helper, whose death ends everything inside.
//! Containers are asked of the engine, where there is one.

use std::sync::Arc;

use bodkin_host::HostError;
use bodkin_host::container::ContainerBackend;
use bodkin_host::sandbox::living::{self, Living};
use bodkin_host::sandbox::{Backend, SessionAbout};
use bodkin_protocol::trial::{LivingPayload, LivingSandbox};

use crate::args::{KillArgs, Shared};
use crate::output::{Output, harmless, seconds};
use crate::world;

pub(super) fn list(shared: &Shared) -> u8 {
    let output = Output::new("sandbox list", shared.json);
    let sandboxes = all(shared).iter().map(Found::told).collect();
    let payload = LivingPayload { sandboxes };
    output.result(None, &payload, |style| {
        if payload.sandboxes.is_empty() {
            return "no sandbox lives now\n".to_owned();
        }
        let line = |it: &LivingSandbox| {
            let age = seconds(it.age_ms);
            format!("{} {} since {age}, for `{}`\n", style.strong(&it.id), it.backend, harmless(&it.maker))
        };
        payload.sandboxes.iter().map(line).collect()
    })
}

pub(super) fn kill(shared: &Shared, args: &KillArgs) -> u8 {
    let output = Output::new("sandbox kill", shared.json);
    match ended(shared, args) {
        Ok(ended) => {
            let payload = LivingPayload { sandboxes: ended.iter().map(Found::told).collect() };
            output.result(None, &payload, |style| {
                let noun = if payload.sandboxes.len() == 1 { "sandbox" } else { "sandboxes" };
                format!("{} {} {noun}\n", style.good("ended"), payload.sandboxes.len())
            })
        }
        Err(error) => output.failure(&error),
    }
}

fn ended(shared: &Shared, args: &KillArgs) -> Result<Vec<Found>, HostError> {
    let mut living = all(shared);
    if !args.all {
        for id in &args.sandboxes {
            if !living.iter().any(|it| it.id() == *id) {
                return Err(HostError::bad(
                    format!("there is no sandbox `{id}`"),
                    "`bodkin sandbox list` names those that live.",
                ));
            }
        }
        living.retain(|it| args.sandboxes.contains(&it.id()));
    }
    for sandbox in &living {
        sandbox.end().map_err(|error| {
            HostError::unavailable(
                format!("the sandbox {} could not be ended: {error}", sandbox.id()),
                "It may belong to another user, or have ended already.",
            )
        })?;
    }
    Ok(living)
}

/// A sandbox that lives.
enum Found {
    Local(Living),
    Container(Arc<ContainerBackend>, SessionAbout),
}

/// Every sandbox that can be found. An engine that does not answer has none to tell of.
fn all(shared: &Shared) -> Vec<Found> {
    let mut found: Vec<Found> = living::all().into_iter().map(Found::Local).collect();
    let choice = world::settings(shared).map(|settings| settings.sandbox).unwrap_or_default();
    if let Ok(backend) = world::any_container(&choice).map(Arc::new) {
        let listed = backend.list().unwrap_or_default();
        found.extend(listed.into_iter().map(|about| Found::Container(backend.clone(), about)));
    }
    found
}

impl Found {
    fn id(&self) -> String {
        match self {
            Self::Local(living) => living.id(),
            Self::Container(_, about) => about.id.clone(),
        }
    }

    fn end(&self) -> Result<(), String> {
        match self {
            Self::Local(living) => living.end().map_err(|error| error.to_string()),
            Self::Container(backend, about) => {
                let ended = backend.connect(&about.id).and_then(|session| session.destroy());
                ended.map_err(|error| error.to_string())
            }
        }
    }

    fn told(&self) -> LivingSandbox {
        match self {
            Self::Local(living) => LivingSandbox {
                id: living.id(),
                backend: "local".to_owned(),
                age_ms: living.age_ms,
                maker: living.maker.clone(),
                maker_pid: living.maker_pid,
            },
            Self::Container(_, about) => LivingSandbox {
                id: about.id.clone(),
                backend: about.backend.clone(),
                age_ms: world::unix_ms().saturating_sub(about.started_unix_ms),
                maker: about.metadata.get("maker").cloned().unwrap_or_default(),
                maker_pid: None,
            },
        }
    }
}
