//! The sandbox's helper as a program of its own, for tests and measurements of this crate.
//!
//! The `bodkin` binary is its own helper; this one does nothing else.

fn main() {
    bodkin_sandbox::init_if_asked();
}
