//! The runs of one host: those under way, and the last that ended.

use std::collections::BTreeMap;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bodkin_agent::{News, Offer, Outcome, Part, Plan};
use bodkin_guard::RunId;
use bodkin_text::RelPath;

use crate::checkpoint::CheckpointId;

/// How many ended runs are remembered.
pub(crate) const ENDED_KEPT: usize = 100;

/// A run as it is now.
#[derive(Debug, Clone)]
pub struct RunView {
    /// Its name.
    pub id: RunId,
    /// What is wanted.
    pub title: String,
    /// The steps.
    pub plan: Plan,
    /// Candidates tried so far.
    pub tried: u32,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// What it offers.
    pub offer: Option<Arc<Offer>>,
    /// What the proof of the part that was asked for last came to.
    pub part: Option<Arc<Part>>,
    /// By which its change can be taken back, while it stands.
    pub checkpoint: Option<CheckpointId>,
    /// The file that it is about, where it is about one.
    pub file: Option<RelPath>,
    /// When it began, milliseconds since 1970.
    pub started_unix_ms: u64,
    /// Milliseconds it took so far.
    pub elapsed_ms: u64,
}

/// Every run by its name.
#[derive(Debug, Default)]
pub(crate) struct Runs(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    slots: BTreeMap<RunId, Slot>,
    is_closed: bool,
}

#[derive(Debug)]
struct Slot {
    view: RunView,
    news: Sender<News>,
}

impl Runs {
    /// Remembers a run that begins; the oldest that ended are forgotten. False when nothing may begin any more.
    pub(crate) fn add(&self, view: RunView, news: Sender<News>) -> bool {
        let mut known = self.lock();
        if known.is_closed {
            return false;
        }
        known.slots.insert(view.id, Slot { view, news });
        let ended: Vec<RunId> = known
            .slots
            .values()
            .filter(|slot| slot.view.outcome.is_some())
            .map(|slot| slot.view.id)
            .collect();
        for id in ended.iter().take(ended.len().saturating_sub(ENDED_KEPT)) {
            known.slots.remove(id);
        }
        true
    }

    /// Forgets a run that could not begin.
    pub(crate) fn remove(&self, run: RunId) {
        self.lock().slots.remove(&run);
    }

    /// Every run, oldest first.
    pub(crate) fn all(&self) -> Vec<RunView> {
        self.lock().slots.values().map(|slot| slot.view.clone()).collect()
    }

    pub(crate) fn get(&self, run: RunId) -> Option<RunView> {
        self.lock().slots.get(&run).map(|slot| slot.view.clone())
    }

    pub(crate) fn update(&self, run: RunId, change: impl FnOnce(&mut RunView)) {
        if let Some(slot) = self.lock().slots.get_mut(&run) {
            change(&mut slot.view);
        }
    }

    /// Tells a run something; false when it is not under way.
    pub(crate) fn send(&self, run: RunId, news: News) -> bool {
        let known = self.lock();
        let slot = known.slots.get(&run);
        slot.is_some_and(|slot| slot.view.outcome.is_none() && slot.news.send(news).is_ok())
    }

    /// Cancels every run, and lets none begin any more.
    pub(crate) fn close(&self) {
        let mut known = self.lock();
        known.is_closed = true;
        for slot in known.slots.values().filter(|slot| slot.view.outcome.is_none()) {
            let _ = slot.news.send(News::Cancelled);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
