//! `POST /files/compose`: one file out of others, which are gone afterwards.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::PathBuf;

use axum::body::Bytes;
use axum::{Extension, Json};
use bodkin_e2b::files::{Compose, Written};
use tokio::sync::mpsc;

use super::files::{name, nothing, path};
use super::{Guest, Holder, alive, check_user, parse};
use crate::bridge::{PieceWriter, pieces};
use crate::failure::Failure;

/// Parts of one file.
const PARTS: usize = 1000;

pub(super) async fn compose(
    _: Holder,
    Extension(sandbox): Guest,
    body: Bytes,
) -> Result<Json<Written>, Failure> {
    let asked: Compose = parse(&body)?;
    check_user(asked.username.as_deref())?;
    if asked.source_paths.is_empty() || asked.source_paths.len() > PARTS {
        return Err(Failure::bad(format!("a file is put together of 1 to {PARTS} others")));
    }
    let parts: Vec<PathBuf> =
        asked.source_paths.iter().map(|it| path(&sandbox, it)).collect::<Result<_, _>>()?;
    let to = path(&sandbox, &asked.destination)?;
    if parts.iter().collect::<BTreeSet<_>>().len() < parts.len() || parts.contains(&to) {
        return Err(Failure::bad("a file can not be part of itself, nor twice part of another"));
    }
    let whole = to.clone();
    let reading = sandbox.clone();
    alive(sandbox, move |it| {
        for part in &parts {
            it.session.stat(part)?.ok_or_else(|| nothing(part))?;
        }
        let (to_pipe, from_pipe) = pieces();
        let sources = parts.clone();
        // Ends by itself: with the parts, or when the other end of the pipe is dropped.
        let reader = std::thread::Builder::new().name("compose".to_owned()).spawn(move || {
            for part in &sources {
                let mut writer = PieceWriter::new(to_pipe.clone(), 0, u64::MAX);
                if let Err(error) = reading.session.read(part, &mut writer) {
                    let _ = to_pipe.blocking_send(Err(io::Error::other(error.to_string())));
                    return;
                }
            }
        });
        reader.map_err(|error| Failure::internal(format!("no thread is to be had: {error}")))?;
        it.session.write(&whole, &mut Joined { from: from_pipe, held: Bytes::new() }, None)?;
        for part in &parts {
            it.session.remove(part)?;
        }
        Ok(())
    })
    .await?;
    let path = to.to_string_lossy().into_owned();
    Ok(Json(Written { name: name(&to), path, kind: "file".to_owned(), metadata: [].into() }))
}

/// The parts, one after the other.
struct Joined {
    from: mpsc::Receiver<io::Result<Bytes>>,
    held: Bytes,
}

impl Read for Joined {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.held.is_empty() {
            match self.from.blocking_recv() {
                Some(piece) => self.held = piece?,
                None => return Ok(0),
            }
        }
        let count = self.held.len().min(into.len());
        for (to, from) in into.iter_mut().zip(self.held.split_to(count)) {
            *to = from;
        }
        Ok(count)
    }
}
