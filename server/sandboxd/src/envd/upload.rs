//! `POST /files`: many files as `multipart/form-data`, or one as `application/octet-stream`, gzipped if it says so.
//!
//! Bytes go through to the sandbox as they come; a file appears whole or not at all. What came before a failure
//! stays, as it does with E2B.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::body::BodyDataStream;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, RawQuery, Request};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::{Extension, Json};
use bodkin_e2b::connect::Code;
use bodkin_e2b::files::{METADATA_PREFIX, Written};
use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use futures_util::StreamExt;

use super::content::admit;
use super::files::{name, path};
use super::{Guest, Holder, alive};
use crate::bridge::{PieceReader, upload as pipe};
use crate::failure::Failure;
use crate::planes::text;
use crate::sandbox::Sandbox;

/// How long the next piece may take.
const PIECE: Duration = Duration::from_secs(60);
/// Files in one request.
const FILES: usize = 10_000;

pub(super) async fn upload(
    Extension(sandbox): Guest,
    holder: Result<Holder, Failure>,
    method: Method,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<Vec<Written>>, Failure> {
    let named = admit(&sandbox, holder, &method, &uri, query.as_deref())?.path;
    let words = words(&headers);
    let kind = text(&headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    if kind.starts_with("multipart/form-data") {
        let parts =
            Multipart::from_request(request, &()).await.map_err(|error| Failure::bad(error.body_text()))?;
        return many(&sandbox, parts, named, &words).await.map(Json);
    }
    if kind.starts_with("application/octet-stream") {
        let at = path(&sandbox, &named.ok_or_else(|| Failure::bad("`path` is missing"))?)?;
        let packed = match text(&headers, header::CONTENT_ENCODING.as_str()) {
            None | Some("" | "identity") => false,
            Some("gzip") => true,
            Some(other) => {
                return Err(Failure::bad(format!("a body packed by `{other}` is not taken; gzip is")));
            }
        };
        let from = Source::Body(request.into_body().into_data_stream());
        return one(&sandbox, at, packed, &words, from).await.map(|it| Json(vec![it]));
    }
    let message = format!("`{kind}` is not taken; multipart/form-data and application/octet-stream are");
    Err(Failure::new(StatusCode::BAD_REQUEST, Code::InvalidArgument, message))
}

async fn many(
    sandbox: &Arc<Sandbox>,
    mut parts: Multipart,
    named: Option<String>,
    words: &BTreeMap<String, String>,
) -> Result<Vec<Written>, Failure> {
    let mut written = Vec::new();
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    loop {
        let part = tokio::time::timeout(PIECE, parts.next_field()).await.map_err(|_| too_slow())?;
        let Some(part) = part.map_err(|error| Failure::bad(error.body_text()))? else { break };
        if part.name() != Some("file") {
            continue;
        }
        // With one file the address names it; with more the parts do.
        let given = match (&named, written.is_empty()) {
            (Some(named), true) => named.clone(),
            _ => {
                part.file_name().map(str::to_owned).ok_or_else(|| Failure::bad("a part has no file name"))?
            }
        };
        let at = path(sandbox, &given)?;
        if !seen.insert(at.clone()) {
            return Err(Failure::bad(format!(
                "you cannot upload multiple files to the same path '{}'",
                at.display()
            )));
        }
        if seen.len() > FILES {
            return Err(Failure::bad(format!(
                "more than {FILES} files in one request; send several requests"
            )));
        }
        written.push(one(sandbox, at, false, words, Source::Part(Box::new(part))).await?);
    }
    if written.is_empty() { Err(Failure::bad("the request holds no file")) } else { Ok(written) }
}

/// Where the bytes of a file come from.
enum Source<'r> {
    Part(Box<Field<'r>>),
    Body(BodyDataStream),
}

impl Source<'_> {
    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        let next = async {
            match self {
                Self::Part(part) => part.chunk().await.map_err(|error| Failure::bad(error.body_text())),
                Self::Body(body) => body
                    .next()
                    .await
                    .transpose()
                    .map_err(|error| Failure::bad(format!("the upload broke off: {error}"))),
            }
        };
        tokio::time::timeout(PIECE, next).await.unwrap_or_else(|_| Err(too_slow()))
    }
}

/// Writes one file.
async fn one(
    sandbox: &Arc<Sandbox>,
    at: PathBuf,
    packed: bool,
    words: &BTreeMap<String, String>,
    mut source: Source<'_>,
) -> Result<Written, Failure> {
    let (to, from) = pipe();
    let place = at.clone();
    let writing = tokio::spawn(alive(sandbox.clone(), move |sandbox| write(sandbox, &place, from, packed)));
    let sent: Result<(), Failure> = async {
        while let Some(piece) = source.next().await? {
            // The writer has given up: its own reason is the better one.
            if to.send(Some(piece)).await.is_err() {
                return Ok(());
            }
        }
        let _ = to.send(None).await;
        Ok(())
    }
    .await;
    drop(to);
    let written = writing.await.map_err(|error| Failure::internal(error.to_string()))?;
    sent?;
    written?;
    if words.is_empty() {
        sandbox.words().remove(&at);
    } else {
        sandbox.words().insert(at.clone(), words.clone());
    }
    let path = at.to_string_lossy().into_owned();
    Ok(Written { name: name(&at), path, kind: "file".to_owned(), metadata: words.clone() })
}

fn write(sandbox: &Sandbox, at: &Path, from: PieceReader, packed: bool) -> Result<(), Failure> {
    let mut from: Box<dyn Read> = if packed {
        Box::new(MultiGzDecoder::new(BufReader::with_capacity(64 * 1024, from)))
    } else {
        Box::new(from)
    };
    sandbox.session.write(at, &mut from, None)?;
    Ok(())
}

fn too_slow() -> Failure {
    Failure::new(
        StatusCode::REQUEST_TIMEOUT,
        Code::DeadlineExceeded,
        format!("nothing came for {} s", PIECE.as_secs()),
    )
}

/// The user's words about the files: headers with a prefix, names in lower case.
fn words(headers: &HeaderMap) -> BTreeMap<String, String> {
    let words = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix(METADATA_PREFIX)?;
        Some((name.to_owned(), value.to_str().ok()?.to_owned()))
    });
    words.collect()
}
