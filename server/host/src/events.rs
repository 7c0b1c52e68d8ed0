//! What listeners are told, as it happens.
//!
//! invariant: a-slow-listener-loses-its-connection-not-the-run

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use bodkin_agent::testing::TestReport;
use bodkin_agent::{Offer, Outcome, Part, Plan};
use bodkin_guard::RunId;

/// How many events a listener may be behind.
const BACKLOG: usize = 4096;

/// Something about a run.
#[derive(Debug, Clone)]
pub enum Event {
    /// The plan changed.
    Plan {
        /// Whose.
        run: RunId,
        /// The whole plan.
        plan: Plan,
        /// Candidates tried so far.
        tried: u32,
        /// Milliseconds since the start of the run.
        elapsed_ms: u64,
    },
    /// A change waits for a decision.
    Offered {
        /// Whose.
        run: RunId,
        /// The change and its evidence.
        offer: Arc<Offer>,
    },
    /// What the proof of a part of the offer came to.
    Part {
        /// Whose.
        run: RunId,
        /// The hunks and the evidence for them alone.
        part: Arc<Part>,
    },
    /// Tests wait, run or have ended.
    Tests {
        /// Of which run.
        run: RunId,
        /// How each of them stands; those that are not named stand as before.
        tests: Arc<[TestReport]>,
    },
    /// The run has ended.
    Ended {
        /// Which.
        run: RunId,
        /// How.
        outcome: Outcome,
        /// Milliseconds since the start of the run.
        elapsed_ms: u64,
    },
}

/// Hands every event to every listener.
#[derive(Debug, Default)]
pub(crate) struct Broadcast(Mutex<Vec<SyncSender<Event>>>);

impl Broadcast {
    pub(crate) fn listen(&self) -> Receiver<Event> {
        let (sender, receiver) = sync_channel(BACKLOG);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        receiver
    }

    /// A listener that is gone, or too far behind, is dropped: its channel closes.
    pub(crate) fn send(&self, event: &Event) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|listener| listener.try_send(event.clone()).is_ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_listener_loses_its_connection_not_the_run() {
        let broadcast = Broadcast::default();
        let (slow, quick) = (broadcast.listen(), broadcast.listen());
        let ended = Event::Ended { run: RunId(1), outcome: Outcome::Cancelled, elapsed_ms: 0 };
        for _ in 0..=BACKLOG {
            broadcast.send(&ended);
            quick.recv().unwrap();
        }
        assert_eq!(slow.iter().count(), BACKLOG, "it keeps what it had, then its channel closes");
        broadcast.send(&ended);
        assert!(quick.recv().is_ok());
    }
}
