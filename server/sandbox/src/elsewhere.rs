//! The local sandbox of systems that have none yet: refuses everything, and says why.
//!
//! A remote sandbox completes these systems; nothing runs without walls in the meantime.

use std::path::Path;
use std::sync::Arc;

use bodkin_guard::Permit;
use bodkin_guard::action::{Probe, RunCommand, SendFiles};
use bodkin_guard::report::{Finished, Isolation, IsolationLevel};
use bodkin_text::Layer;

use crate::options::LocalOptions;
use crate::session::{Backend, Session, SessionAbout, SessionOrder};
use crate::{Cancel, ProbeNews, Prober, RunJob, Sandbox, SandboxError, Trial};

/// Does nothing: no helper is needed where there is no local sandbox.
pub fn init_if_asked() {}

/// The local sandbox, which this system does not have.
#[derive(Debug, Clone)]
pub struct LocalSandbox;

impl LocalSandbox {
    /// Takes the options of other systems and needs none.
    pub fn new(_options: LocalOptions) -> Self {
        Self
    }

    /// No walls, and why.
    pub fn isolation(&self) -> Isolation {
        Isolation {
            backend: "local".to_owned(),
            level: IsolationLevel::Reduced,
            missing: vec!["There is no local sandbox for this system yet; nothing is run.".to_owned()],
        }
    }
}

fn refusal() -> SandboxError {
    SandboxError::Unavailable {
        why: "there is no local sandbox for this system yet".to_owned(),
        next_step: "run Bodkin on Linux".to_owned(),
    }
}

impl Backend for LocalSandbox {
    fn isolation(&self) -> Isolation {
        Self::isolation(self)
    }

    fn create(&self, _order: SessionOrder, _cancel: &Cancel) -> Result<Arc<dyn Session>, SandboxError> {
        Err(refusal())
    }

    fn connect(&self, _id: &str) -> Result<Arc<dyn Session>, SandboxError> {
        Err(refusal())
    }

    fn list(&self) -> Result<Vec<SessionAbout>, SandboxError> {
        Ok(Vec::new())
    }
}

impl Sandbox for LocalSandbox {
    fn isolation(&self) -> Isolation {
        Self::isolation(self)
    }

    fn run(&self, _permit: Permit<RunCommand>, _job: RunJob<'_>) -> Result<Finished, SandboxError> {
        Err(refusal())
    }

    fn trial(&self, _permit: Permit<RunCommand>, _job: RunJob<'_>) -> Result<Trial, SandboxError> {
        Err(refusal())
    }

    fn prober(&self, _root: &Path, _send: Option<Permit<SendFiles>>) -> Box<dyn Prober> {
        Box::new(Refusing)
    }
}

struct Refusing;

impl Prober for Refusing {
    fn probe(
        &mut self,
        _permit: Permit<Probe>,
        _layer: &Layer,
        _candidates: &[Layer],
        _cancel: &Cancel,
        _news: &mut dyn FnMut(ProbeNews),
    ) -> Result<(), SandboxError> {
        Err(refusal())
    }
}

/// The local sandboxes that live now: none, on this system.
pub mod living {
    use std::io;

    /// A sandbox that lives; there is none.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Living {
        /// Milliseconds since it was made.
        pub age_ms: u64,
        /// The command line of the process that made it.
        pub maker: String,
        /// That process, if it still lives.
        pub maker_pid: Option<u32>,
    }

    impl Living {
        /// Its name.
        pub fn id(&self) -> String {
            String::new()
        }

        /// Fails, as there is none.
        pub fn end(&self) -> io::Result<()> {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    /// None.
    pub fn all() -> Vec<Living> {
        Vec::new()
    }
}
