//! What stands on the wire: its schemas, its documentation, and how inner values get there.

mod sample;
mod schema;
mod translate;
