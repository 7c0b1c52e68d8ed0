//! `GET /files`: the bytes of a file, whole or a range of them, gzipped where the client takes that.

use std::io::{self, Write};
use std::sync::Arc;

use axum::Extension;
use axum::extract::RawQuery;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use bodkin_sandbox::session::EntryKind;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::sync::mpsc;

use super::files::{name, nothing, path};
use super::{Guest, Holder, Signed, alive, check_user};
use crate::bridge::{PieceWriter, body, pieces};
use crate::control::form;
use crate::failure::Failure;
use crate::planes::text;
use crate::sandbox::Sandbox;

/// What a request for files names.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub(super) path: Option<String>,
}

/// Who may: the holder of the token, or of a signature for this file.
pub(super) fn admit(
    sandbox: &Sandbox,
    holder: Result<Holder, Failure>,
    method: &Method,
    uri: &Uri,
    query: Option<&str>,
) -> Result<Named, Failure> {
    let query = query.unwrap_or_default();
    if let Some(signed) = Signed::parse(method, uri.path(), query) {
        signed.check(sandbox)?;
    } else if query.contains("signature=") {
        return Err(Failure::unauthorized("the signature can not be read"));
    } else {
        holder?;
    }
    let mut named = Named::default();
    for (key, value) in form(query) {
        match key.as_str() {
            "path" => named.path = Some(value).filter(|it| !it.is_empty()),
            "username" => check_user(Some(&value))?,
            _ => {}
        }
    }
    Ok(named)
}

pub(super) async fn download(
    Extension(sandbox): Guest,
    holder: Result<Holder, Failure>,
    method: Method,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let named = admit(&sandbox, holder, &method, &uri, query.as_deref())?;
    let path = path(&sandbox, &named.path.ok_or_else(|| Failure::bad("`path` is missing"))?)?;
    let seen = path.clone();
    let entry =
        alive(sandbox.clone(), move |it| it.session.stat(&seen)?.ok_or_else(|| nothing(&seen))).await?;
    if entry.kind == EntryKind::Folder {
        return Err(Failure::bad(format!("path '{}' is a directory", path.display())));
    }
    // The size of what a link leads to is not known here.
    let size = (entry.kind == EntryKind::File).then_some(entry.size);
    let range =
        size.and_then(|size| text(&headers, header::RANGE.as_str()).and_then(|it| Range::parse(it, size)));
    if let Some(Range::Beyond) = range {
        let size = format!("bytes */{}", entry.size);
        return Ok((StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, size)]).into_response());
    }
    let gzip = range.is_none() && takes_gzip(&headers);
    let (skip, left) = match range {
        Some(Range::Of { from, count }) => (from, count),
        Some(Range::Beyond) | None => (0, u64::MAX),
    };
    let (to, mut from) = pieces();
    let from_here = path.clone();
    tokio::task::spawn_blocking(move || give(&sandbox, &from_here, to, skip, left, gzip));
    // The first piece decides: what fails before it is an answer, what fails later breaks the body off.
    let first = from.recv().await;
    let (first, rest) = match first {
        Some(Err(error)) => return Err(taken_apart(error)),
        Some(Ok(first)) => (first, from),
        None => (Bytes::new(), from),
    };
    let mut response = body(chained(first, rest)).into_response();
    let mut put = |name, value: &str| {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    };
    put(header::CONTENT_TYPE, "application/octet-stream");
    put(header::ACCEPT_RANGES, "bytes");
    put(header::VARY, "Accept-Encoding");
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::CONTENT_DISPOSITION, &format!("attachment; filename*=UTF-8''{}", percent(&name(&path))));
    if gzip {
        put(header::CONTENT_ENCODING, "gzip");
    }
    if let Some(Range::Of { from, count }) = range {
        put(header::CONTENT_RANGE, &format!("bytes {from}-{}/{}", from + count - 1, entry.size));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

type Pieces = mpsc::Receiver<io::Result<Bytes>>;

fn chained(first: Bytes, mut rest: Pieces) -> Pieces {
    let (to, from) = mpsc::channel(1);
    tokio::spawn(async move {
        if !first.is_empty() && to.send(Ok(first)).await.is_err() {
            return;
        }
        while let Some(piece) = rest.recv().await {
            if to.send(piece).await.is_err() {
                return;
            }
        }
    });
    from
}

fn give(
    sandbox: &Arc<Sandbox>,
    path: &std::path::Path,
    to: mpsc::Sender<io::Result<Bytes>>,
    skip: u64,
    left: u64,
    gzip: bool,
) {
    let mut writer = PieceWriter::new(to.clone(), skip, left);
    let read = if gzip {
        let mut packed = GzEncoder::new(&mut writer, Compression::fast());
        let read = sandbox.session.read(path, &mut packed);
        read.map_err(Failure::from)
            .and_then(|_| packed.try_finish().map_err(|error| Failure::internal(error.to_string())))
    } else {
        sandbox.session.read(path, &mut writer).map(|_| ()).map_err(Failure::from)
    };
    let _ = writer.flush();
    if let Err(failure) = read
        && !writer.is_done()
    {
        let failure = if sandbox.session.is_alive() { failure } else { Failure::dead_sandbox(&sandbox.id) };
        // Nobody listens any more: then nobody misses it.
        let _ = to.blocking_send(Err(io::Error::other(Carried(failure))));
    }
}

/// A failure on its way through a pipe.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.message)]
struct Carried(Failure);

fn taken_apart(error: io::Error) -> Failure {
    let message = error.to_string();
    error
        .into_inner()
        .and_then(|it| it.downcast::<Carried>().ok())
        .map_or_else(|| Failure::internal(message), |it| it.0)
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    // Only where it is asked for alone: clients that list it among others by default pay more for packing than they
    // gain on a short way.
    text(headers, header::ACCEPT_ENCODING.as_str()).is_some_and(|it| it.trim() == "gzip")
}

fn percent(name: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    name.bytes()
        .map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    Of { from: u64, count: u64 },
    Beyond,
}

impl Range {
    /// One range of bytes; what is none, or more than one, asks for the whole.
    fn parse(header: &str, size: u64) -> Option<Self> {
        let (from, to) = header.trim().strip_prefix("bytes=")?.split_once('-')?;
        let (from, to) = match (from.trim(), to.trim()) {
            ("", last) => (size.saturating_sub(last.parse().ok()?), size.saturating_sub(1)),
            (from, "") => (from.parse().ok()?, size.saturating_sub(1)),
            (from, to) => (from.parse().ok()?, to.parse::<u64>().ok()?.min(size.saturating_sub(1))),
        };
        if from >= size {
            return Some(Self::Beyond);
        }
        (from <= to).then(|| Self::Of { from, count: to - from + 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_cut_to_the_file() {
        assert_eq!(Range::parse("bytes=2-4", 10), Some(Range::Of { from: 2, count: 3 }));
        assert_eq!(Range::parse("bytes=8-99", 10), Some(Range::Of { from: 8, count: 2 }));
        assert_eq!(Range::parse("bytes=-3", 10), Some(Range::Of { from: 7, count: 3 }));
        assert_eq!(Range::parse("bytes=5-", 10), Some(Range::Of { from: 5, count: 5 }));
        assert_eq!(Range::parse("bytes=10-", 10), Some(Range::Beyond));
        for whole in ["bytes=1-2,4-5", "lines=1-2", "bytes=4-2", "bytes=x-"] {
            assert_eq!(Range::parse(whole, 10), None, "{whole}");
        }
    }

    #[test]
    fn a_name_in_a_header_is_plain() {
        assert_eq!(percent("a \"é\n.txt"), "a%20%22%C3%A9%0A.txt");
    }
}
