//! A cage for whatever makes sessions: it runs one process in one session, and destroys that.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bodkin_guard::action::Network;
use bodkin_guard::report::Exit;
use bodkin_sandbox::Cancel;
use bodkin_sandbox::session::{Backend, Base, ProcessEvent, ProcessOrder, SessionOrder};
use bodkin_text::Layer;

use super::{Cage, Ground, Kind, Said, Visit};

/// A backend as a cage.
pub(crate) struct Sessions {
    pub(crate) kind: Kind,
    pub(crate) backend: fn(&Ground) -> Arc<dyn Backend>,
    pub(crate) missing: OnceLock<Vec<String>>,
    /// Whether this machine has what it takes; who has not says so.
    pub(crate) is_here: fn() -> bool,
}

impl Sessions {
    pub(crate) const fn new(kind: Kind, backend: fn(&Ground) -> Arc<dyn Backend>) -> Self {
        Self { kind, backend, missing: OnceLock::new(), is_here: || true }
    }

    /// What a visit's session is made of.
    pub(crate) fn order(ground: &Ground, visit: &Visit) -> SessionOrder {
        SessionOrder {
            base: Base::Workspace { folder: ground.workspace(), at: None, layer: Layer::empty() },
            env: visit.env.clone(),
            // The session outlives its process, which has a deadline of its own.
            limits: bodkin_guard::action::Limits { wall_ms: visit.limits.wall_ms + 60_000, ..visit.limits },
            network: Network::Off,
            metadata: BTreeMap::new(),
        }
    }
}

impl Cage for Sessions {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn is_here(&self) -> bool {
        (self.is_here)()
    }

    fn missing(&self) -> Vec<String> {
        self.missing.get_or_init(|| (self.backend)(&Ground::new()).isolation().missing).clone()
    }

    fn run(&self, ground: &Ground, visit: &Visit) -> Said {
        let backend = (self.backend)(ground);
        let session = backend.create(Self::order(ground, visit), &Cancel::new()).unwrap();
        let mut order = ProcessOrder::new(visit.told());
        order.deadline = Some(Duration::from_millis(visit.limits.wall_ms));
        let process = session.start(order).unwrap();
        let mut listener = process.listen();
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let exit = loop {
            match listener.next(Duration::from_secs(200)) {
                Some(ProcessEvent::Stdout(bytes)) => stdout.extend(bytes),
                Some(ProcessEvent::Stderr(bytes)) => stderr.extend(bytes),
                Some(ProcessEvent::Terminal(_)) => panic!("it has no terminal"),
                Some(ProcessEvent::Ended(exit)) => break exit,
                // A session that was killed whole has nothing more to say.
                None => break Exit::Signal(9),
            }
        };
        let mut said = Said::new(&stdout, &stderr, exit);
        if visit.changes {
            said.changes = session.changes().unwrap();
        }
        let destroyed = session.destroy();
        assert!(!session.is_alive(), "{destroyed:?}");
        assert!(
            destroyed.is_ok() || visit.limits.disk_bytes < 1 << 30 && self.kind == Kind::Container,
            "{destroyed:?}"
        );
        said
    }
}
