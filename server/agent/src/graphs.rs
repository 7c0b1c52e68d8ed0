//! One file a kind of run.

pub mod fix;
pub mod test;
