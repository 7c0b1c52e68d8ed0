//! The engine: asked through its API, with errors that name it and the next step.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bodkin_sandbox::SandboxError;
use bollard::errors::Error;
use bollard::{API_DEFAULT_VERSION, Docker};
use tokio::runtime::Runtime;

use crate::options::Engine as Address;

/// How long the engine may take for one answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// The engine; clones are one and the same.
#[derive(Debug, Clone)]
pub(crate) struct Engine {
    docker: Docker,
    pub(crate) address: Address,
    runtime: Arc<Runtime>,
    /// The start of every path: the version that both speak.
    pub(crate) prefix: String,
    pub(crate) kind: Kind,
}

/// Which engine it is, where that makes a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Docker,
    Podman,
}

impl Engine {
    /// Meets the engine and agrees on a version.
    pub(crate) fn connect(address: &Address) -> Result<Self, SandboxError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("bodkin-container")
            .enable_all()
            .build()
            .map_err(SandboxError::io("starting the connection with the container engine"))?;
        let docker = match address {
            Address::Unix(path) => {
                Docker::connect_with_unix(&path.to_string_lossy(), PATIENCE.as_secs(), API_DEFAULT_VERSION)
            }
            Address::Tcp(host) => Docker::connect_with_http(host, PATIENCE.as_secs(), API_DEFAULT_VERSION),
        };
        let meet = async {
            let docker = docker?.negotiate_version().await?;
            let version = docker.version().await?;
            Ok((docker, version))
        };
        let (docker, version) = runtime.block_on(meet).map_err(|error| absent(address, &error))?;
        let client = docker.client_version();
        let is_podman =
            version.components.unwrap_or_default().iter().any(|it| it.name.to_lowercase().contains("podman"));
        Ok(Self {
            prefix: format!("/v{}.{}", client.major_version, client.minor_version),
            docker,
            address: address.clone(),
            runtime: Arc::new(runtime),
            kind: if is_podman { Kind::Podman } else { Kind::Docker },
        })
    }

    /// The client, for a request given to [`Engine::ask`].
    pub(crate) fn docker(&self) -> &Docker {
        &self.docker
    }

    /// Asks and waits for the answer. Not to be called from a thread of an executor.
    pub(crate) fn ask<T>(
        &self,
        what: &str,
        request: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, SandboxError> {
        self.runtime.block_on(request).map_err(|error| self.refused(what, error))
    }

    /// An engine's refusal in words.
    pub(crate) fn refused(&self, what: &str, error: Error) -> SandboxError {
        match error {
            Error::DockerResponseServerError { status_code: 404, message } => SandboxError::Io {
                what: what.to_owned(),
                source: io::Error::new(io::ErrorKind::NotFound, message),
            },
            Error::DockerResponseServerError { message, .. } => {
                SandboxError::Io { what: what.to_owned(), source: io::Error::other(message) }
            }
            error if is_gone(&error) => absent(&self.address, &error),
            other => SandboxError::Io { what: what.to_owned(), source: io::Error::other(other.to_string()) },
        }
    }
}

fn is_gone(error: &Error) -> bool {
    let text = words(error);
    ["connect", "refused", "timed out", "Timeout", "SocketNotFound", "No such file"]
        .iter()
        .any(|it| text.contains(it))
}

/// An error with all that led to it: the engine's client keeps the cause apart.
fn words(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let next_text = next.to_string();
        if !text.contains(&next_text) {
            text = format!("{text}: {next_text}");
        }
        cause = next.source();
    }
    text
}

/// There is no engine where one should be.
pub(crate) fn absent(address: &Address, error: &dyn std::error::Error) -> SandboxError {
    let next_step = match address {
        Address::Unix(path) => format!(
            "start it (Docker: `systemctl start docker`; podman: `podman system service --time 0 unix://{}`) and \
             see that you may write to its socket",
            path.display()
        ),
        Address::Tcp(host) => {
            format!("start it (podman: `podman system service --time 0 tcp:{host}`) or correct the address")
        }
    };
    SandboxError::Unavailable {
        why: format!("no container engine answers at {address} ({})", words(error)),
        next_step,
    }
}
