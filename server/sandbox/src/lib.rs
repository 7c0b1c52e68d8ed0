//! Where commands run: isolation, limits, and nothing but deltas across the walls.
//!
//! [`local`] builds walls out of Linux namespaces, or says why it can not. The binary that uses it calls
//! [`init_if_asked`] first thing in `main`, as it is its own helper. [`Sandbox`] is what the rest of Bodkin
//! sees; every act takes a permit.
//! invariants: network-off-unless-permitted, only-deltas-cross, a-killed-run-leaves-no-process

#[cfg(target_os = "linux")]
mod acts;
#[cfg(unix)]
pub mod afar;
mod cancel;
pub mod changes;
mod contract;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
mod error;
pub mod in_memory;
#[cfg(target_os = "linux")]
mod init;
pub mod launch;
#[cfg(target_os = "linux")]
pub mod local;
mod observe;
mod options;
mod output;
pub mod over;
#[cfg(target_os = "linux")]
mod probe;
pub mod seatbelt;
pub mod session;
mod text;

pub use cancel::Cancel;
pub use contract::{ProbeNews, Prober, RunJob, Sandbox, Trial, check_layer};
#[cfg(not(target_os = "linux"))]
pub use elsewhere::{LocalSandbox, init_if_asked, living};
pub use error::SandboxError;
#[cfg(target_os = "linux")]
pub use init::init_if_asked;
pub use launch::{Ended, Launch, StderrMode, StdinMode, Stream};
#[cfg(target_os = "linux")]
pub use local::living;
#[cfg(target_os = "linux")]
pub use local::{Io, Leash, LocalSandbox, Running};
pub use options::{Force, LocalOptions, TOOLCHAIN_VARIABLES};
#[cfg(target_os = "linux")]
pub use probe::LocalProber;
#[cfg(target_os = "linux")]
pub use {observe::tests_of, output::Kept};
