//! Runs of other processes, as far as the ledger tells of them. Reads the disk.

use std::collections::BTreeMap;

use bodkin_agent::{Outcome, Plan, Refused, Why};
use bodkin_guard::RunId;
use bodkin_guard::ledger::{Kind, Line};
use serde_json::Value;

use crate::alive::CUT_OFF;
use crate::checkpoint::State;
use crate::facade::Host;
use crate::ledger;
use crate::runs::RunView;

/// How many are told of.
const MOST: usize = 50;
/// How much of the ledger's end is looked at, bytes.
const LOOKED_AT: u64 = 4 << 20;
/// Said where the ledger has no reason.
const NOT_TOLD: &str = "a run of an earlier process; the ledger says what was done.";

impl Host {
    /// The last runs that other processes ended, or died in, oldest first.
    pub fn past_runs(&self) -> Vec<RunView> {
        let inner = self.inner();
        let mut runs: BTreeMap<RunId, RunView> = BTreeMap::new();
        for line in ledger::last_lines(&inner.state, LOOKED_AT).unwrap_or_default() {
            let Some(id) = line.run else { continue };
            match line.kind {
                Kind::Asked => drop(runs.insert(id, asked(id, &line))),
                Kind::Ended => {
                    if let Some(view) = runs.get_mut(&id) {
                        end(view, &line);
                    }
                }
                Kind::Genesis
                | Kind::Questioned
                | Kind::Permitted
                | Kind::Refused
                | Kind::Did
                | Kind::Decided
                | Kind::Checkpoint => {}
            }
        }
        for change in self.changes().unwrap_or_default().iter().rev() {
            if let Some(view) = runs.get_mut(&change.run) {
                view.checkpoint = (change.state == State::Applied).then_some(change.checkpoint);
            }
        }
        // One that has not ended belongs to a process that lives.
        runs.retain(|id, view| view.outcome.is_some() && inner.runs.get(*id).is_none());
        let skip = runs.len().saturating_sub(MOST);
        runs.into_values().skip(skip).collect()
    }
}

fn asked(id: RunId, line: &Line) -> RunView {
    RunView {
        id,
        title: text(line, "intent"),
        plan: Plan::default(),
        tried: 0,
        outcome: None,
        offer: None,
        part: None,
        checkpoint: None,
        file: None,
        started_unix_ms: line.time.unix_ms(),
        elapsed_ms: 0,
    }
}

fn end(view: &mut RunView, line: &Line) {
    let tried = line.body.get("candidates").and_then(Value::as_u64).unwrap_or_default();
    view.tried = u32::try_from(tried).unwrap_or(u32::MAX);
    view.elapsed_ms = line.time.unix_ms().saturating_sub(view.started_unix_ms);
    let told = || NOT_TOLD.to_owned();
    view.outcome = Some(match text(line, "outcome").as_str() {
        "proved" => Outcome::Proved,
        "unproved" => Outcome::Unproved { missing: vec![told()] },
        "exhausted" => Outcome::Exhausted { reason: told() },
        "refused" => Outcome::Refused(Refused { why: Why::BadRequest, message: told(), hint: String::new() }),
        "cancelled" => Outcome::Cancelled,
        CUT_OFF => Outcome::Failed { reason: "Bodkin was ended while it worked on this.".to_owned() },
        _ => Outcome::Failed { reason: told() },
    });
}

fn text(line: &Line, field: &str) -> String {
    line.body.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}
