//! `bodkin sandbox list` and `kill`: the sandboxes that live now.
//!
//! A local one belongs to the process that made it and is found by its helper, whose death ends everything inside.

use bodkin_host::HostError;
use bodkin_host::sandbox::living::{self, Living};
use bodkin_protocol::trial::{LivingPayload, LivingSandbox};

use crate::args::{KillArgs, Shared};
use crate::output::{Output, count, harmless, seconds};

pub(super) fn list(shared: &Shared) -> u8 {
    let output = Output::new("sandbox list", shared.json);
    let payload = LivingPayload { sandboxes: living::all().iter().map(told).collect() };
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
    match ended(args) {
        Ok(ended) => {
            let payload = LivingPayload { sandboxes: ended.iter().map(told).collect() };
            output.result(None, &payload, |style| {
                let number =
                    count(payload.sandboxes.len() as u64, "sandbox").replace("sandboxs", "sandboxes");
                format!("{} {number}\n", style.good("ended"))
            })
        }
        Err(error) => output.failure(&error),
    }
}

fn ended(args: &KillArgs) -> Result<Vec<Living>, HostError> {
    let living = living::all();
    let wanted: Vec<Living> = if args.all {
        living
    } else {
        let find = |id: &String| {
            living.iter().find(|it| it.id() == *id).cloned().ok_or_else(|| {
                HostError::bad(
                    format!("there is no sandbox `{id}`"),
                    "`bodkin sandbox list` names those that live.",
                )
            })
        };
        args.sandboxes.iter().map(find).collect::<Result<_, _>>()?
    };
    for sandbox in &wanted {
        sandbox.end().map_err(|error| {
            HostError::unavailable(
                format!("the sandbox {} could not be ended: {error}", sandbox.id()),
                "It may belong to another user, or have ended already.",
            )
        })?;
    }
    Ok(wanted)
}

fn told(living: &Living) -> LivingSandbox {
    LivingSandbox {
        id: living.id(),
        backend: "local".to_owned(),
        age_ms: living.age_ms,
        maker: living.maker.clone(),
        maker_pid: living.maker_pid,
    }
}
