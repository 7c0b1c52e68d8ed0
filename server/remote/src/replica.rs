//! A replica of a workspace on a `bodkin sandboxd`: brought to a state, and run over, in one request where that is
//! enough.

use std::io;
use std::path::Path;

use bodkin_e2b::native::{FRAME_TYPE, RUN_TYPE, RunRequest, run_path, sync_path};
use bodkin_sandbox::SandboxError;
use bodkin_sync::{SendError, Sender, State, Step, SyncError, sync};
use bodkin_text::ContentHash;
use reqwest::{Method, Response};

use crate::link::{Again, Link};

/// One replica, as this side knows it.
pub(crate) struct Replica {
    key: String,
    sender: Sender,
}

/// What came of asking for a run.
pub(crate) enum Begun {
    /// It runs; this is its answer.
    Runs(Response),
    /// The other side is no `bodkin sandboxd`.
    Unknown,
}

/// What one request for a run came to.
enum Asked {
    Runs(Response),
    /// A sync's answer: more is needed first.
    Needs(Vec<u8>),
    Unknown,
}

impl Replica {
    /// The replica of a folder, for this client.
    pub(crate) fn of(folder: &Path, client: &str) -> Self {
        let name = ContentHash::of(format!("{client}\n{}", folder.display())).to_string();
        Self { key: name.chars().take(32).collect(), sender: Sender::new() }
    }

    /// Runs over a state: with what changed in the same request, where that fits into one frame.
    pub(crate) fn run(
        &mut self,
        link: &Link,
        state: &State,
        request: &RunRequest,
    ) -> Result<Begun, SandboxError> {
        let is_there = self.sender.acknowledged().is_some_and(|it| it.root() == state.manifest().root());
        if is_there {
            match self.ask(link, request, None)? {
                Asked::Runs(response) => return Ok(Begun::Runs(response)),
                Asked::Unknown => return Ok(Begun::Unknown),
                Asked::Needs(_) => {}
            }
        } else if self.sender.acknowledged().is_some()
            && let Some(response) = self.run_with_frame(link, state, request)?
        {
            return Ok(Begun::Runs(response));
        }
        let key = self.key.clone();
        let sent = sync(&mut self.sender, state, |frame| post(link, &key, frame));
        match sent {
            Ok(_) => {}
            Err(SyncError::Post(Posted::Unknown)) => return Ok(Begun::Unknown),
            Err(SyncError::Post(Posted::Failed(error))) => return Err(error),
            Err(SyncError::Send(error)) => return Err(failed(error)),
        }
        match self.ask(link, request, None)? {
            Asked::Runs(response) => Ok(Begun::Runs(response)),
            Asked::Unknown => Ok(Begun::Unknown),
            Asked::Needs(_) => Err(failed(SendError::Disagree)),
        }
    }

    /// One round trip: the frame and the command. `None`: it was not enough.
    fn run_with_frame(
        &mut self,
        link: &Link,
        state: &State,
        request: &RunRequest,
    ) -> Result<Option<Response>, SandboxError> {
        let key = self.key.clone();
        let mut sending = self.sender.send(state);
        let Some(frame) = sending.next_frame().map_err(failed)? else { return Ok(None) };
        match ask(link, &key, request, Some(&frame))? {
            Asked::Runs(response) => {
                drop(sending);
                self.sender.acknowledge(state.manifest().clone());
                Ok(Some(response))
            }
            Asked::Needs(answer) => {
                // What it says is of use to nobody else: the sync asks again.
                let _: Step = sending.answer(&answer).map_err(failed)?;
                Ok(None)
            }
            Asked::Unknown => Ok(None),
        }
    }

    fn ask(&self, link: &Link, request: &RunRequest, frame: Option<&[u8]>) -> Result<Asked, SandboxError> {
        ask(link, &self.key, request, frame)
    }
}

fn ask(link: &Link, key: &str, request: &RunRequest, frame: Option<&[u8]>) -> Result<Asked, SandboxError> {
    let what = "running a command in a remote sandbox";
    let body = bytes::Bytes::from(request.encode(frame));
    let path = run_path(key);
    let answer = link.try_send_whole(what, Again::No, || {
        link.control(Method::POST, &path).header("content-type", RUN_TYPE).body(body.clone())
    })?;
    match answer {
        Ok(response) => Ok(Asked::Runs(response)),
        Err(refused) if refused.status == 409 => Ok(Asked::Needs(refused.body)),
        Err(refused) if refused.is_unknown() => Ok(Asked::Unknown),
        Err(refused) => Err(link.error(what, &refused)),
    }
}

/// Why a frame did not get there.
enum Posted {
    Unknown,
    Failed(SandboxError),
}

fn post(link: &Link, key: &str, frame: &[u8]) -> Result<Vec<u8>, Posted> {
    let what = "sending the workspace to another machine";
    let (body, path) = (bytes::Bytes::copy_from_slice(frame), sync_path(key));
    let answer = link.try_send_whole(what, Again::Yes, || {
        link.control(Method::POST, &path).header("content-type", FRAME_TYPE).body(body.clone())
    });
    match answer.map_err(Posted::Failed)? {
        Ok(response) => link.body(what, response).map_err(Posted::Failed),
        // Its own answers come with these.
        Err(refused) if [409, 422, 507].contains(&refused.status) && !refused.body.is_empty() => {
            Ok(refused.body)
        }
        Err(refused) if refused.is_unknown() => Err(Posted::Unknown),
        Err(refused) => Err(Posted::Failed(link.error(what, &refused))),
    }
}

fn failed(error: SendError) -> SandboxError {
    let what = "sending the workspace to another machine";
    match error {
        SendError::Changed(_) => SandboxError::Stale(error.to_string()),
        SendError::Full(_) => {
            SandboxError::io(what)(io::Error::new(io::ErrorKind::StorageFull, error.to_string()))
        }
        SendError::Unreadable { .. } | SendError::Refused(_) | SendError::Answer(_) | SendError::Disagree => {
            SandboxError::io(what)(io::Error::other(error.to_string()))
        }
    }
}
