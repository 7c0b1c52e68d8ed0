//! Performs what the agent decides: disk, watcher, clock, threads, the one mutable workspace, the run driver.
//!
//! Public face: [`Host::start`], [`Host::accept_to_disk`] / [`Host::accept_to_editor`], [`Host::cancel`],
//! [`Host::events`]. No decisions here: no prompt, ranking or policy.
//! invariants: one-writer, secrets-stay-out, a-slow-listener-loses-its-connection-not-the-run

mod about;
mod accept;
mod alive;
mod apply;
mod blobs;
mod change;
mod checkpoint;
mod content;
pub mod doctor;
mod driver;
mod editor;
mod error;
mod events;
mod facade;
mod history;
mod inner;
mod ledger;
mod left;
mod model;
mod past;
mod perform;
mod preview;
mod recover;
pub mod review;
mod runs;
mod selection;
mod sending;
mod settings;
mod state;
#[cfg(test)]
mod tests;
mod tree;
mod trial;
mod undo;
mod watch;
pub mod wire;

pub use bodkin_agent::{Fix, FixTest, Intent, Offer, Outcome, Part, Plan, Step, StepState, Test};
pub use bodkin_guard::secret::redact;
pub use bodkin_guard::{Asker, RunId};
pub use bodkin_workspace::Snapshot;

pub use about::About;
pub use accept::Applied;
pub use checkpoint::{CheckpointId, State as ChangeState};
pub use editor::{EditorApply, EditorFile};
pub use error::HostError;
pub use events::Event;
pub use facade::{BufferChange, Host, HostOptions};
pub use history::{ChangeView, LedgerPage};
pub use ledger::{LedgerCheck, check_ledger};
pub use preview::sync_preview;
pub use runs::RunView;
pub use settings::{BackendKind, SandboxChoice, Settings, SettingsError};
pub use state::real_folder;
pub use trial::{Base, TrialOrder, Tried};

/// Code and tests by name, as fronts look at them.
pub mod code {
    pub use bodkin_agent::is_test_file;
    pub use bodkin_agent::testing::{
        Listed, ListedKind, Tally, TestId, TestReport, TestState, is_collected, is_named, listed,
    };
    pub use bodkin_guard::secret as secrets;
    pub use bodkin_repair::quick;
    pub use bodkin_workspace::{
        Facts, File, Language, Problem, ProblemKind, Snapshot, Spot, Symbol, SymbolKind, Syntax,
    };
}

/// Containers, for a front's door.
pub mod container {
    pub use bodkin_container::{ContainerBackend, ContainerOptions, Engine, image};
    pub use bodkin_sandbox::over::Over;
}

/// The sandbox's part of a front's door: how it is opened, and how its first process begins.
pub mod sandbox {
    pub use bodkin_guard::action::Limits;
    pub use bodkin_guard::report::{Exit, Stop};
    pub use bodkin_sandbox::TOOLCHAIN_VARIABLES;
    pub use bodkin_sandbox::session::{Backend, SessionAbout};
    pub use bodkin_sandbox::{Cancel, LocalOptions, LocalSandbox, Sandbox, init_if_asked, living};
}
