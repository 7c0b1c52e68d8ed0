//! What the daemon is told at its start. It reads no environment and no settings itself.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use bodkin_guard::action::Limits;
use thiserror::Error;

use crate::keys::Keys;

/// What the daemon is told at its start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it listens; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Serve an address that other machines reach without TLS: keys and files go over the wire as they are.
    pub allow_plain: bool,
    /// Serve by TLS.
    pub tls: Option<TlsFiles>,
    /// The domain below which sandboxes have hosts (`<port>-<id>.<domain>`), without a port.
    pub domain: Option<String>,
    /// Names by which the daemon may be called beside `localhost`, addresses and the domain.
    pub hosts: BTreeSet<String>,
    /// Who may use it.
    pub keys: Keys,
    /// A folder of its own: the ledger and the replicas of workspaces.
    pub state: PathBuf,
    /// What one sandbox may use up; memory also by the key's quota, `wall_ms` by the life asked for.
    pub limits: Limits,
    /// Hosts that sandboxes may reach if they ask for the internet; empty: none can.
    pub reach: BTreeSet<String>,
    /// End a sandbox that nobody called and in which nothing ran for so long.
    pub idle: Option<Duration>,
    /// Repositories that `POST /sandbox/create` may clone from, as folders below this one: `<host>/<path>`.
    pub mirrors: Option<PathBuf>,
}

/// The files of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, PEM, the daemon's own first.
    pub cert: PathBuf,
    /// The private key, PEM.
    pub key: PathBuf,
}

/// Why the daemon does not start as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OptionsError {
    /// Other machines would reach it in the clear.
    #[error(
        "{0} can be reached from other machines, and without TLS keys and files go over the wire as they are; \
         give --tls-cert and --tls-key, listen on 127.0.0.1, or say --allow-plain"
    )]
    InTheClear(SocketAddr),
}

impl Options {
    /// Options for the loopback interface with these keys.
    pub fn new(keys: Keys, state: PathBuf) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            allow_plain: false,
            tls: None,
            domain: None,
            hosts: BTreeSet::new(),
            keys,
            state,
            limits: Limits { output_bytes: u64::MAX, ..Limits::default() },
            reach: BTreeSet::new(),
            idle: None,
            mirrors: None,
        }
    }

    /// Whether they may be served so.
    pub fn check(&self) -> Result<(), OptionsError> {
        if self.listen.ip().is_loopback() || self.tls.is_some() || self.allow_plain {
            Ok(())
        } else {
            Err(OptionsError::InTheClear(self.listen))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_others_reach_needs_tls_or_so_many_words() {
        let loopback = Options::new(Keys::default(), PathBuf::new());
        assert_eq!(loopback.check(), Ok(()));
        let open = Options { listen: SocketAddr::from(([0, 0, 0, 0], 3000)), ..loopback };
        assert!(open.check().unwrap_err().to_string().contains("--allow-plain"));
        let tls = TlsFiles { cert: "c".into(), key: "k".into() };
        assert_eq!(Options { tls: Some(tls), ..open.clone() }.check(), Ok(()));
        assert_eq!(Options { allow_plain: true, ..open }.check(), Ok(()));
    }
}
