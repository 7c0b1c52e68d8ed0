//! The stores of replicas: one for each API key, opened when it is first asked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::StatusCode;
use bodkin_e2b::connect::Code;
use bodkin_sync::store::{Replica, Store, StoreError, StoreLimits};

use crate::failure::Failure;
use crate::keys::Key;

/// All stores.
pub(crate) struct Stores {
    folder: PathBuf,
    open: Mutex<BTreeMap<String, Arc<Store>>>,
    /// Replicas that were asked for stay open, with what they remember.
    replicas: Mutex<BTreeMap<(String, String), Arc<Replica>>>,
}

impl Stores {
    /// Stores below the daemon's state.
    pub(crate) fn below(state: &Path) -> Self {
        Self { folder: state.join("replicas"), open: Mutex::default(), replicas: Mutex::default() }
    }

    /// The replica of that name that belongs to the key; made where there is none.
    pub(crate) fn replica(&self, key: &Key, name: &str) -> Result<Arc<Replica>, Failure> {
        let place = (key.name.clone(), name.to_owned());
        let mut replicas = self.replicas.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(replica) = replicas.get(&place) {
            return Ok(replica.clone());
        }
        let replica = self.store(key)?.replica(name)?;
        replicas.insert(place, replica.clone());
        Ok(replica)
    }

    fn store(&self, key: &Key) -> Result<Arc<Store>, Failure> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = open.get(&key.name) {
            return Ok(store.clone());
        }
        // A key's name is any text; a folder's is not.
        let folder = self.folder.join(blake3::hash(key.name.as_bytes()).to_hex().as_str());
        let store = Store::open(folder, StoreLimits::default())?;
        open.insert(key.name.clone(), store.clone());
        Ok(store)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        match error {
            StoreError::BadKey(_) | StoreError::Refused(_) => Self::bad(message),
            StoreError::Full { .. } => {
                Self::new(StatusCode::INSUFFICIENT_STORAGE, Code::ResourceExhausted, message)
            }
            StoreError::Busy(_) => Self::unavailable(message),
            StoreError::Disk { .. } => Self::internal(message),
        }
    }
}
