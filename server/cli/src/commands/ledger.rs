//! `bodkin ledger verify`: tells whether the record is whole.

use bodkin_host::{HostError, LedgerCheck, check_ledger};
use bodkin_protocol::{Failure, FailureKind, LedgerPayload};

use crate::args::{LedgerArgs, LedgerCommand, Shared};
use crate::output::Output;
use crate::world;

pub(crate) fn run(shared: &Shared, args: &LedgerArgs) -> u8 {
    let LedgerCommand::Verify = args.command;
    let output = Output::new("ledger verify", shared.json);
    match check(shared) {
        Ok(found) => report(&output, &found),
        Err(error) => output.failure(&error),
    }
}

fn check(shared: &Shared) -> Result<LedgerCheck, HostError> {
    let here = world::here()?;
    let root = world::root(shared, &here);
    let root = bodkin_host::real_folder(&root)?;
    check_ledger(&world::state_home()?, &root)
}

fn report(output: &Output, found: &LedgerCheck) -> u8 {
    let payload: LedgerPayload = bodkin_host::wire::ledger(found);
    let breaks = payload.breaks.len();
    let failure = (!payload.intact).then(|| {
        let message = format!("the ledger is not what was written: {breaks} break(s)");
        Failure::new(
            FailureKind::NotProved,
            message,
            "Keep the file as evidence, and move it away to begin a new one.",
        )
    });
    output.result(failure, &payload, |style| {
        let Some(path) = &payload.path else {
            return format!("nothing has been recorded for this workspace yet ({})\n", found.path.display());
        };
        let mut text = String::new();
        for it in &payload.breaks {
            text.push_str(&format!("{} line {}: {}\n", style.bad("broken"), it.line, it.message));
        }
        let lines = payload.entries;
        if payload.intact {
            let whole = style.good("whole:");
            text.push_str(&format!("{whole} {lines} lines, none changed, removed or moved ({path})\n"));
        } else {
            text.push_str(&format!(
                "{breaks} break(s) in {lines} lines ({path}); trust nothing from the first one on\n"
            ));
        }
        text
    })
}
