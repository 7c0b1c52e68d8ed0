//! The Neovim plug-in in the real Neovim, against the real server.
//!
//! A scenario is a Lua file that types keys and looks at buffers and files; `kit.lua` says how. Those in
//! `scenarios` need the server and must fail when it offers nothing; those in `alone` must fail without the plug-in.
//! `BODKIN_TEST_START_MS` is how long a scenario waits for the server to start, `BODKIN_TEST_PATIENCE_MS` for
//! anything after that.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "the tests look for their scenarios on the disk, and fail by panicking"
)]

mod editor;
mod negative;
mod scenarios;
