//! Ctrl-C, and the system's own request to end: the first is a wish that the command carries out, the second leaves
//! at once. What runs in a sandbox dies with this process either way.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bodkin_protocol::FailureKind;

/// Whether somebody asked to stop; all clones hear the same.
#[derive(Debug, Clone)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens from now on. Where the system lets nobody listen, being stopped ends this process, as it always did.
    pub(crate) fn listen() -> Self {
        let asked = Arc::new(AtomicBool::new(false));
        let heard = asked.clone();
        let _ = ctrlc::set_handler(move || {
            if heard.swap(true, Ordering::SeqCst) {
                process::exit(FailureKind::Cancelled.exit_code().into());
            }
        });
        Self(asked)
    }

    /// Whether somebody asked to stop.
    pub(crate) fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
