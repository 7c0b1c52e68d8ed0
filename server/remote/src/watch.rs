//! A watch on a folder of a remote sandbox: a stream of events, heard by a thread of its own.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use bodkin_e2b::connect::{self, Reader};
use bodkin_e2b::filesystem::{EventType, WatchRequest, WatchResponse, path};
use bodkin_sandbox::SandboxError;
use bodkin_sandbox::session::{FileEvent, Watch};

use crate::link::{Again, Link, Place};
use crate::process::Stream;

/// Events that may wait to be taken; with more the stream waits.
const MOST_WAITING: usize = 4096;

pub(crate) struct RemoteWatch {
    events: Receiver<FileEvent>,
}

impl RemoteWatch {
    pub(crate) fn start(
        link: &Link,
        place: &Place,
        folder: &Path,
        recursive: bool,
    ) -> Result<Self, SandboxError> {
        let what = "watching a folder of the remote sandbox";
        let request =
            WatchRequest { path: crate::session::text(folder)?, recursive, ..WatchRequest::default() };
        let body = connect::message(&request);
        let response = link.send(what, Again::Yes, || {
            link.inside(reqwest::Method::POST, place, path::WATCH_DIR)
                .header("content-type", connect::STREAM_TYPE)
                .header(connect::VERSION.0, connect::VERSION.1)
                .header(bodkin_e2b::address::KEEPALIVE_INTERVAL, "50")
                .body(body.clone())
        })?;
        let mut stream = Stream { link: link.clone(), response, reader: Reader::new(1 << 20) };
        // It watches once it says so.
        while let Some(WatchResponse { start: None, .. }) = stream.next(what)? {}
        let (to, events) = sync_channel(MOST_WAITING);
        let folder = folder.to_owned();
        let hear = move || {
            while let Ok(Some(message)) = stream.next::<WatchResponse>(what) {
                let Some(told) = message.filesystem.and_then(|it| event(&folder, &it.name, it.kind)) else {
                    continue;
                };
                if to.send(told).is_err() {
                    return;
                }
            }
            let _ = to.send(FileEvent::Lost);
        };
        let thread = std::thread::Builder::new().name("bodkin-watch".to_owned());
        thread.spawn(hear).map_err(SandboxError::io(what))?;
        Ok(Self { events })
    }
}

fn event(folder: &Path, name: &str, kind: EventType) -> Option<FileEvent> {
    let path: PathBuf = folder.join(name.trim_start_matches('/'));
    if !crate::session::leads_below(&path, folder) {
        return None;
    }
    match kind {
        EventType::Create => Some(FileEvent::Created(path)),
        EventType::Write => Some(FileEvent::Written(path)),
        EventType::Remove => Some(FileEvent::Removed(path)),
        EventType::Rename => Some(FileEvent::Renamed(path)),
        EventType::Chmod => Some(FileEvent::ModeChanged(path)),
        EventType::Unspecified => None,
    }
}

impl Watch for RemoteWatch {
    fn next(&mut self, wait: Duration) -> Option<FileEvent> {
        self.events.recv_timeout(wait).ok()
    }
}
