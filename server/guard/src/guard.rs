//! Judges every act before it is done, and puts the judgement on the ledger.
//!
//! One function per power around one private review, so that an adapter's permit names its own kind of action.
//! invariants: no-permit-no-effect, record-before-act, default-is-ask

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::action::{Action, Probe, RunCommand, SendFiles, WriteFiles};
use crate::grant::{Asker, Grant, Grants};
use crate::ledger::{Did, Entry, LedgerSink, SinkError};
use crate::permit::Permit;
use crate::report::Isolation;
use crate::rules::{Judgement, Rules};
use crate::run::RunId;

/// For which run, at whose wish and under which consents an act is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The run.
    pub run: RunId,
    /// At whose wish.
    pub asker: Asker,
    /// What the user consented to for this run.
    pub grants: Grants,
}

/// Why an act may not be done.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The user has to be asked; with the grant added to the request it is allowed.
    #[error("{question}")]
    NeedsConsent {
        /// What to ask, with the reason; answerable by yes or no.
        question: String,
        /// What a yes gives.
        grant: Grant,
    },
    /// The rules forbid it.
    #[error("{reason}; {hint}")]
    Denied {
        /// What is forbidden, and why.
        reason: String,
        /// What can be done about it.
        hint: String,
    },
    /// The ledger took no line, so nothing may be done.
    #[error("nothing is done that can not be recorded: {0}")]
    LedgerUnavailable(#[from] SinkError),
}

/// The judge of every act.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    rules: Rules,
}

impl Guard {
    /// A guard that judges by `rules`.
    pub fn new(rules: Rules) -> Self {
        Self { rules }
    }

    /// Leave to run a command within these walls.
    pub fn review_run(
        &self,
        action: RunCommand,
        walls: &Isolation,
        request: &Request,
        ledger: &mut dyn LedgerSink,
    ) -> Result<Permit<RunCommand>, Refusal> {
        self.review(action, Some(walls), request, ledger)
    }

    /// Leave to try a batch of candidates within these walls.
    pub fn review_probe(
        &self,
        action: Probe,
        walls: &Isolation,
        request: &Request,
        ledger: &mut dyn LedgerSink,
    ) -> Result<Permit<Probe>, Refusal> {
        self.review(action, Some(walls), request, ledger)
    }

    /// Leave to change files of the work tree.
    pub fn review_write(
        &self,
        action: WriteFiles,
        request: &Request,
        ledger: &mut dyn LedgerSink,
    ) -> Result<Permit<WriteFiles>, Refusal> {
        self.review(action, None, request, ledger)
    }

    /// Leave to send files of the workspace to another machine.
    pub fn review_send(
        &self,
        action: SendFiles,
        request: &Request,
        ledger: &mut dyn LedgerSink,
    ) -> Result<Permit<SendFiles>, Refusal> {
        self.review(action, None, request, ledger)
    }

    /// Puts on the ledger what came of a permitted act; returns the line's place.
    /// Fails only when the ledger takes no line: the act is done by then, so say it to the user.
    pub fn record_outcome(
        &self,
        run: RunId,
        did: &Did,
        ledger: &mut dyn LedgerSink,
    ) -> Result<u64, SinkError> {
        ledger.append(Entry::did(run, did))
    }

    fn review<A: Clone + Into<Action>>(
        &self,
        action: A,
        walls: Option<&Isolation>,
        request: &Request,
        ledger: &mut dyn LedgerSink,
    ) -> Result<Permit<A>, Refusal> {
        let whole = action.clone().into();
        match self.rules.judge(&whole, walls, &request.grants) {
            Judgement::Allow(by) => {
                let seq = ledger.append(Entry::permitted(request, &whole, walls, &by))?;
                Ok(Permit::new(action, seq))
            }
            Judgement::Ask { question, grant, hint } => match request.asker {
                Asker::Terminal | Asker::Editor => {
                    ledger.append(Entry::questioned(request, &whole, &question))?;
                    Err(Refusal::NeedsConsent { question, grant })
                }
                Asker::Headless => {
                    refuse(format!("{question} Nobody is there to answer"), hint, request, &whole, ledger)
                }
            },
            Judgement::Deny { reason, hint } => refuse(reason, hint, request, &whole, ledger),
        }
    }
}

fn refuse<A>(
    reason: String,
    hint: String,
    request: &Request,
    action: &Action,
    ledger: &mut dyn LedgerSink,
) -> Result<Permit<A>, Refusal> {
    ledger.append(Entry::refused(request, action, &reason))?;
    Err(Refusal::Denied { reason, hint })
}
