//! `initialized`: from here on the client can be asked.

use crate::server::Server;
use crate::{configuration, navigation, watching};

/// Registers for what the client tells only to those who do, and asks for the settings. Nothing waits for answers.
pub(crate) fn tell(server: &mut Server) {
    configuration::register(server);
    configuration::ask_all(server);
    watching::register(server);
    navigation::sync(server);
}
