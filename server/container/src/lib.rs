//! Sandboxes made of containers, through the API that Docker and podman serve.
//!
//! A session is one container: an unprivileged user, no capability, no network, a read-only image, and memory file
//! systems of bounded size for the workspace, the home and `/tmp`. No folder of this machine is ever mounted into
//! it: the workspace goes in as a stream, so that an engine on another machine or in a user namespace serves as
//! well. The image must bring `/bin/sh`, `find`, `stat`, `cat`, `sleep` and `tar` (every distribution's base image
//! and busybox do).
//!
//! The engine is trusted; what stands in a container is not. The crate reads no environment: where the engine is,
//! the caller says.
//! invariants: only-deltas-cross, a-killed-run-leaves-no-process, network-off-unless-permitted

mod backend;
mod engine;
mod exec;
mod files;
pub mod image;
mod level;
mod options;
mod order;
mod process;
mod session;
mod wire;
mod workspace;

pub use backend::ContainerBackend;
pub use options::{ContainerOptions, Engine, User};
