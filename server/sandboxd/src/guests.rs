//! All sandboxes of the daemon, by name; places are taken before a sandbox is made, so no quota is overrun.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

use crate::failure::Failure;
use crate::keys::Key;
use crate::sandbox::Sandbox;

/// All sandboxes.
#[derive(Default)]
pub(crate) struct Guests {
    held: Mutex<Held>,
    /// Told whenever the next end may have changed.
    changed: Notify,
}

#[derive(Default)]
struct Held {
    by_id: BTreeMap<String, Arc<Sandbox>>,
    /// Sandboxes of each key, those being made too.
    places: BTreeMap<String, usize>,
    /// Answers of creates that may be repeated: key's name and idempotency key.
    repeats: BTreeMap<(String, String), String>,
    closed: bool,
}

/// A place for a sandbox that is being made; given back when it is dropped without one.
pub(crate) struct Place {
    guests: Arc<Guests>,
    key: Arc<Key>,
    filled: bool,
}

impl Guests {
    /// Takes a place for one more sandbox of the key.
    pub(crate) fn reserve(self: &Arc<Self>, key: &Arc<Key>) -> Result<Place, Failure> {
        let mut held = self.held();
        if held.closed {
            return Err(Failure::unavailable("the daemon is ending; ask again when it is back"));
        }
        let taken = held.places.entry(key.name.clone()).or_default();
        if *taken >= key.quota.sandboxes {
            return Err(Failure::over_quota(format!(
                "the key `{}` may have {} sandboxes at once, and has them; kill one first",
                key.name, key.quota.sandboxes
            )));
        }
        *taken += 1;
        Ok(Place { guests: self.clone(), key: key.clone(), filled: false })
    }

    /// The sandbox of this name.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Sandbox>> {
        self.held().by_id.get(id).cloned()
    }

    /// The sandbox of this name, if it is the key's.
    pub(crate) fn of(&self, key: &Key, id: &str) -> Result<Arc<Sandbox>, Failure> {
        self.get(id).filter(|it| it.key.name == key.name).ok_or_else(|| Failure::no_sandbox(id))
    }

    /// All that there are.
    pub(crate) fn all(&self) -> Vec<Arc<Sandbox>> {
        self.held().by_id.values().cloned().collect()
    }

    /// The sandbox that an earlier create with this idempotency key made, if it lives.
    pub(crate) fn repeated(&self, key: &Key, word: &str) -> Option<Arc<Sandbox>> {
        let held = self.held();
        let id = held.repeats.get(&(key.name.clone(), word.to_owned()))?;
        held.by_id.get(id).cloned()
    }

    /// Takes a sandbox off the list; the one who gets it ends it. `None`: somebody else does.
    pub(crate) fn remove(&self, id: &str) -> Option<Arc<Sandbox>> {
        let mut held = self.held();
        let sandbox = held.by_id.remove(id)?;
        held.repeats.retain(|_, made| made != id);
        free(&mut held, &sandbox.key.name);
        Some(sandbox)
    }

    /// Makes no more, and gives all that there are to be ended.
    pub(crate) fn close(&self) -> Vec<Arc<Sandbox>> {
        let mut held = self.held();
        held.closed = true;
        std::mem::take(&mut held.by_id).into_values().collect()
    }

    /// When the next sandbox's time is over.
    pub(crate) fn next_end(&self) -> Option<Instant> {
        self.held().by_id.values().map(|it| it.ends()).min()
    }

    /// Wakes whoever waits for [`Guests::changed`].
    pub(crate) fn touch(&self) {
        self.changed.notify_one();
    }

    /// Waits until the next end may have changed.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn free(held: &mut Held, key: &str) {
    if let Some(taken) = held.places.get_mut(key) {
        *taken = taken.saturating_sub(1);
    }
}

impl Place {
    /// Puts a sandbox in its place. Refused when the daemon began to end meanwhile: then it is ended by being dropped.
    pub(crate) fn fill(mut self, sandbox: Sandbox, repeat: Option<String>) -> Result<Arc<Sandbox>, Failure> {
        let sandbox = Arc::new(sandbox);
        {
            let mut held = self.guests.held();
            if held.closed {
                return Err(Failure::unavailable("the daemon is ending; ask again when it is back"));
            }
            held.by_id.insert(sandbox.id.clone(), sandbox.clone());
            if let Some(word) = repeat {
                held.repeats.insert((self.key.name.clone(), word), sandbox.id.clone());
            }
        }
        self.filled = true;
        self.guests.touch();
        Ok(sandbox)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.filled {
            free(&mut self.guests.held(), &self.key.name);
        }
    }
}
