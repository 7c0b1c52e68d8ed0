//! Candidates tried in the sandbox: each verdict is the one that a run of its own would give.

mod code;
mod command;
mod kit;
mod loading;
mod misbehaviour;
mod plugins;
mod unittests;
