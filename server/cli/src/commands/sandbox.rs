//! `bodkin sandbox`: commands in the sandbox on the present workspace, and the sandboxes that live.

mod doctor;
mod living;
mod run;

use crate::args::{SandboxArgs, SandboxCommand, Shared};

pub(crate) fn run(shared: &Shared, args: &SandboxArgs) -> u8 {
    match &args.command {
        SandboxCommand::Run(args) => run::run(shared, args),
        SandboxCommand::List => living::list(shared),
        SandboxCommand::Kill(args) => living::kill(shared, args),
        SandboxCommand::Doctor => doctor::run(shared),
    }
}
