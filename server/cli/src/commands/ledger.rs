//! `bodkin ledger verify`: tells whether the record is whole.

use bodkin_host::{HostError, LedgerCheck, check_ledger};
use bodkin_protocol::{Failure, FailureKind, LedgerPayload};

use crate::args::{LedgerArgs, LedgerCommand, Shared};
use crate::output::{Output, count};
use crate::world;

pub(crate) fn run(shared: &Shared, args: &LedgerArgs) -> u8 {
    let LedgerCommand::Verify = args.command;
    let mut output = Output::new("ledger verify", shared.json);
    match check(shared, &mut output) {
        Ok(found) => report(&output, &found),
        Err(error) => output.failure(&error),
    }
}

fn check(shared: &Shared, output: &mut Output) -> Result<LedgerCheck, HostError> {
    let here = world::here()?;
    let root = world::root(shared, &here);
    let root = bodkin_host::real_folder(&root)?;
    output.about(&root);
    check_ledger(&world::state_home()?, &root)
}

fn report(output: &Output, found: &LedgerCheck) -> u8 {
    let payload: LedgerPayload = bodkin_host::wire::ledger(found);
    let breaks = count(payload.breaks.len() as u64, "break");
    let failure = (!payload.intact).then(|| {
        let message = format!("the ledger is not what was written: {breaks}");
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
            text.push_str(&format!("{} {}\n", style.bad("broken:"), it.message));
        }
        let lines = payload.entries;
        if payload.intact {
            let whole = style.good("whole:");
            text.push_str(&format!("{whole} {lines} lines, none changed, removed or moved ({path})\n"));
        } else {
            text.push_str(&format!(
                "{breaks} in {lines} lines ({path}); trust nothing from the first one on\n"
            ));
        }
        text
    })
}
