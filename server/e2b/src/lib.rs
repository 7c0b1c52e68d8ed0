//! E2B's protocol as values: the control plane's JSON, Connect's envelopes, signatures of file addresses.
//!
//! Knows no socket, no clock and no disk: the daemon and the client of it put these values on the wire. What is
//! written here was read from the published clients (PyPI `e2b` 2.20.0 and 2.63.0, npm `e2b` 2.51.0) and from
//! E2B's open specification; unknown fields are ignored and missing ones read as protobuf's zero, as protojson does.

pub mod address;
pub mod connect;
pub mod control;
pub mod files;
pub mod filesystem;
mod json;
pub mod native;
pub mod process;
pub mod signature;
pub mod stamp;
