//! Rules of the repository, tested: the layers, and how files open.
#![expect(clippy::disallowed_methods, reason = "the rules are checked on the files of the repository")]

mod files;
mod layers;
