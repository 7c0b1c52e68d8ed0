//! `bodkin lsp`: serves an editor until it says goodbye or goes away.

use crate::args::Shared;
use crate::output::Output;
use crate::world;

pub(crate) fn run(shared: &Shared) -> u8 {
    let output = Output::new("lsp", shared.json);
    let options = world::state_home().and_then(|state_home| {
        let settings = world::settings(shared)?;
        let root = world::root(shared, &world::here()?);
        Ok(bodkin_lsp::ServeOptions { state_home, sandbox: world::sandbox(&settings, &root)?, settings })
    });
    match options {
        Ok(options) => bodkin_lsp::serve(options),
        Err(error) => output.failure(&error),
    }
}
