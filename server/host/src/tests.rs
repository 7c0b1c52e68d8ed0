//! A host over a folder of its own, with nothing but that folder and its state.

mod applying;
mod crashes;
mod doors;
mod editors;
mod full_disk;
mod kit;
mod ledgers;
mod past;
mod reviewing;
mod runs;
mod settings;
mod trees;
mod undoing;
mod watching;
