//! What the parts of a host share.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bodkin_agent::ActFailure;
use bodkin_guard::ledger::{Did, Entry, LedgerSink};
use bodkin_guard::{Asker, Guard, Rules, RunId};
use bodkin_sandbox::Sandbox;

use crate::editor::SentEdits;
use crate::error::HostError;
use crate::events::Broadcast;
use crate::ledger::FileLedger;
use crate::model::Model;
use crate::runs::Runs;
use crate::settings::Settings;
use crate::state::StateDir;

/// One workspace folder and everything that goes on in it.
pub(crate) struct Inner {
    pub(crate) state: StateDir,
    pub(crate) model: Arc<Model>,
    pub(crate) runs: Runs,
    pub(crate) broadcast: Broadcast,
    pub(crate) recovered: Vec<String>,
    pub(crate) asker: Asker,
    pub(crate) sandbox: Arc<dyn Sandbox>,
    pub(crate) settings: Mutex<Settings>,
    pub(crate) ledger: Mutex<FileLedger>,
    pub(crate) sent: Mutex<SentEdits>,
    /// What was found when the workspace was last looked at to be sent.
    pub(crate) manifest: Mutex<Option<bodkin_sync::Manifest>>,
}

impl Inner {
    pub(crate) fn root(&self) -> &Path {
        self.model.root()
    }

    pub(crate) fn settings(&self) -> Settings {
        lock(&self.settings).clone()
    }

    /// Edits that an editor was given and has not confirmed.
    pub(crate) fn sent(&self) -> MutexGuard<'_, SentEdits> {
        lock(&self.sent)
    }

    /// Asks the guard with the ledger in hand.
    pub(crate) fn with_ledger<T>(&self, ask: impl FnOnce(&Guard, &mut dyn LedgerSink) -> T) -> T {
        let guard = guard(&self.settings());
        ask(&guard, &mut *lock(&self.ledger))
    }

    /// Puts on the ledger what came of a permitted act.
    pub(crate) fn record(&self, run: RunId, did: &Did) -> Result<(), ActFailure> {
        self.with_ledger(|guard, ledger| guard.record_outcome(run, did, ledger))
            .map(|_| ())
            .map_err(|error| ActFailure::Unavailable(error.to_string()))
    }

    /// Puts a line on the ledger that needs no permit.
    pub(crate) fn note(&self, entry: Entry) -> Result<u64, HostError> {
        lock(&self.ledger).note(entry)
    }
}

pub(crate) fn guard(settings: &Settings) -> Guard {
    Guard::new(Rules { allow_reduced: settings.allow_reduced })
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
