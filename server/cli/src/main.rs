//! The binary `bodkin`: parses what was typed, calls one command, maps its end to an exit code.
//!
//! Results go to standard output, progress and questions to standard error.

mod args;
mod commands;
mod output;
mod stop;
mod world;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command};

fn main() -> ExitCode {
    // The sandbox's first process is this same binary; it must not start anything of ours.
    bodkin_host::sandbox::init_if_asked();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return ExitCode::from(output::usage(&error)),
    };
    let code = match arguments.command {
        Command::Fix(fix) => commands::fix::run(&arguments.shared, &fix),
        Command::Undo(undo) => commands::undo::run(&arguments.shared, &undo),
        Command::Doctor => commands::doctor::run(&arguments.shared),
        Command::Ledger(ledger) => commands::ledger::run(&arguments.shared, &ledger),
        Command::Sandbox(sandbox) => commands::sandbox::run(&arguments.shared, &sandbox),
        Command::Sync(sync) => commands::sync::run(&arguments.shared, &sync),
        Command::Sandboxd(sandboxd) => commands::sandboxd::run(&arguments.shared, &sandboxd),
        Command::Lsp => commands::lsp::run(&arguments.shared),
    };
    ExitCode::from(code)
}
