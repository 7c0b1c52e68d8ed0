//! `bodkin/decide`: the user accepted or rejected hunks of an offer.

use bodkin_protocol::review::{DecideArguments, Review};
use tower_lsp::jsonrpc::Error;

use crate::requests::execute_command::key;
use crate::review;
use crate::server::Server;

/// Takes the decision in; answers with all that is decided so far. What follows from it is told by events.
pub(crate) fn answer(server: &mut Server, params: &DecideArguments) -> Result<Review, Error> {
    review::decide(server, key(&params.run_id)?, params)
}
