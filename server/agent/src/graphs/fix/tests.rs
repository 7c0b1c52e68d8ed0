//! Whole runs: a scene and a scripted outside in, what the run asked for and how it ended out.

mod aims;
mod answers;
mod endings;
mod fold;
mod hangs;
mod kit;
mod parts;
mod refusals;
mod searches;
