//! Candidates tried in the sandbox: each verdict is the one that a run of its own would give.
#![cfg(target_os = "linux")]

mod code;
mod command;
mod kit;
mod loading;
mod misbehaviour;
mod observed;
mod plugins;
mod shared;
mod unittests;
