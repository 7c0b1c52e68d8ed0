//! What the caller tells about the engine and the image.

use std::path::PathBuf;

/// What the backend must know. Nothing of it is looked for.
#[derive(Debug, Clone)]
pub struct ContainerOptions {
    /// Where the engine is.
    pub engine: Engine,
    /// The image of every session, as the engine knows it: `docker.io/library/python:3.13-slim`. It must be there
    /// already: nothing is fetched behind the user's back.
    pub image: String,
    /// The engine's runtime instead of its default: `runsc`, `kata`.
    pub runtime: Option<String>,
    /// Who runs inside.
    pub user: User,
    /// Whose sessions [`bodkin_sandbox::session::Backend::list`] tells of: a word for this user of the engine.
    pub owner: String,
}

impl ContainerOptions {
    /// An image in an engine, with the defaults for all else.
    pub fn new(engine: Engine, image: impl Into<String>) -> Self {
        Self { engine, image: image.into(), runtime: None, user: User::default(), owner: "bodkin".to_owned() }
    }
}

/// Where an engine listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// A socket of this machine.
    Unix(PathBuf),
    /// A host and port without TLS: one that is reached through a tunnel, or on this machine.
    Tcp(String),
}

impl Engine {
    /// Reads an address as `DOCKER_HOST` has it: `unix:///run/docker.sock`, `tcp://127.0.0.1:2375`.
    ///
    /// Errors say what is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix://").filter(|path| path.starts_with('/')) {
            return Ok(Self::Unix(PathBuf::from(path)));
        }
        let host = text.strip_prefix("tcp://").or_else(|| text.strip_prefix("http://"));
        match host.map(|host| host.trim_end_matches('/')) {
            Some(host) if has_port(host) => Ok(Self::Tcp(host.to_owned())),
            Some(_) | None => Err(format!(
                "`{text}` is no address of a container engine; `unix:///run/podman/podman.sock` and \
                 `tcp://127.0.0.1:2375` are"
            )),
        }
    }
}

fn has_port(host: &str) -> bool {
    let port = host.rsplit_once(':').filter(|(name, _)| !name.is_empty() && !host.contains('/'));
    port.is_some_and(|(_, port)| port.parse::<u16>().is_ok())
}

impl std::fmt::Display for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp(host) => write!(f, "tcp://{host}"),
        }
    }
}

/// A user by number, never root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User(u32);

impl User {
    /// The user with this number and its group; `None` for root.
    pub fn new(number: u32) -> Option<Self> {
        (number != 0).then_some(Self(number))
    }

    /// Its number.
    pub fn number(self) -> u32 {
        self.0
    }
}

impl Default for User {
    /// A number that no account of the host has: whoever breaks out of an engine that runs as root is nobody there.
    fn default() -> Self {
        Self(61_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_is_named_as_docker_host_names_it() {
        assert_eq!(Engine::parse("unix:///run/d.sock"), Ok(Engine::Unix("/run/d.sock".into())));
        assert_eq!(Engine::parse("tcp://127.0.0.1:2375/"), Ok(Engine::Tcp("127.0.0.1:2375".to_owned())));
        for wrong in
            ["", "/run/d.sock", "unix://d.sock", "tcp://host", "tcp://:1", "ssh://me@host", "tcp://h:1/p"]
        {
            assert!(Engine::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn nobody_runs_as_root() {
        assert_eq!(User::new(0), None);
        assert_ne!(User::default().number(), 0);
    }
}
