//! The engine: asked through its API, with errors that name it and the next step.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bodkin_sandbox::SandboxError;
use bollard::errors::Error;
use bollard::{API_DEFAULT_VERSION, Docker};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::options::Engine as Address;
use crate::wire::Wire;

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

/// What a container does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct State {
    pub(crate) is_up: bool,
    pub(crate) is_frozen: bool,
    pub(crate) is_out_of_memory: bool,
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
            Ok::<_, Error>((docker, version))
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

    /// Asks for a document of which only a little is read: podman has words (`stopped`, `initialized`) that the
    /// types of Docker's API do not know. `None`: there is no such thing.
    pub(crate) fn get(&self, what: &str, path: &str) -> Result<Option<Value>, SandboxError> {
        let mut wire =
            Wire::connect(&self.address, PATIENCE).map_err(|error| absent(&self.address, &error))?;
        let (status, body) = wire.get(&format!("{}{path}", self.prefix)).map_err(SandboxError::io(what))?;
        match status {
            200 => {
                let value = serde_json::from_slice(&body).map_err(io::Error::from);
                value.map(Some).map_err(SandboxError::io(what))
            }
            404 => Ok(None),
            _ => {
                let says = String::from_utf8_lossy(&body).trim().to_owned();
                Err(SandboxError::io(what)(io::Error::other(format!("the engine answered {status}: {says}"))))
            }
        }
    }

    /// The state of a container, as the engine words it; `None`: it is not there.
    pub(crate) fn state(&self, container: &str) -> Result<Option<State>, SandboxError> {
        let found = self.get("looking at the container", &format!("/containers/{container}/json"))?;
        Ok(found.map(|it| {
            let is =
                |name: &str| it.pointer(&format!("/State/{name}")).and_then(Value::as_bool) == Some(true);
            State {
                is_up: is("Running") || is("Paused"),
                is_frozen: is("Paused"),
                is_out_of_memory: is("OOMKilled"),
            }
        }))
    }

    /// An engine's refusal in words.
    pub(crate) fn refused(&self, what: &str, error: Error) -> SandboxError {
        if let Error::DockerResponseServerError { status_code, message } = error {
            let kind = if status_code == 404 { io::ErrorKind::NotFound } else { io::ErrorKind::Other };
            return SandboxError::Io { what: what.to_owned(), source: io::Error::new(kind, message) };
        }
        if is_gone(&error) {
            return absent(&self.address, &error);
        }
        SandboxError::Io { what: what.to_owned(), source: io::Error::other(words(&error)) }
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
