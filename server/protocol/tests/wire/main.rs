//! What stands on the wire: its schemas, its documentation, and how inner values get there.

mod generated;
mod sample;
mod schema;
mod translate;
