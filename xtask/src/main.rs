//! The project's own tasks: `cargo xtask test | bench | codegen | dist | setup`.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a development tool runs programs, reads the clock and prints"
)]

mod bench;
mod codegen;
mod dist;
mod setup;
mod test;
mod tool;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "xtask", about = "The project's own tasks")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Set up what the tests need, then check format, lints and layers, and run every test.
    Test(test::Options),
    /// Measure; prints a table.
    Bench {
        #[command(subcommand)]
        what: bench::What,
    },
    /// Write the files that are generated from the code: schemas, pages, and the types of the editors' clients.
    Codegen,
    /// Pack the VS Code extension with the program inside, into dist/.
    Dist,
    /// Get what the tests need, and say what was skipped and by which variables the tests find the rest.
    Setup,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().task {
        Task::Test(options) => test::run(&options),
        Task::Bench { what } => bench::run(what),
        Task::Codegen => codegen::run(),
        Task::Dist => dist::run(),
        Task::Setup => setup::run(),
    }
}
