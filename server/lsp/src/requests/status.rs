//! `bodkin/status`: how the server is.

use bodkin_protocol::status::Status;

use crate::server::Server;
use crate::status;

/// How it is now.
pub(crate) fn answer(server: &Server) -> Status {
    status::now(server)
}
