//! What there is: lists, one sandbox, what it uses.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bodkin_e2b::control::{Detail, Metric, State as Running};
use bodkin_e2b::{address, stamp};

use super::Caller;
use crate::bridge::blocking;
use crate::clock;
use crate::daemon::Daemon;
use crate::failure::Failure;
use crate::keys::Key;
use crate::sandbox::{Sandbox, cpu_count};

/// Sandboxes of one page unless asked otherwise, and at most.
const PAGE: usize = 100;

/// `GET /sandboxes`: those that run.
pub(super) async fn running(
    State(daemon): State<Arc<Daemon>>,
    Caller(key): Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<Detail>>, Failure> {
    let asked = Asked::parse(query.as_deref())?;
    let found = find(&daemon, &key, &asked);
    let running = found.iter().filter(|it| !it.is_frozen());
    Ok(Json(running.map(|it| it.detail(None, false)).collect()))
}

/// `GET /v2/sandboxes`: a page of those that run or are frozen, the newest first.
pub(super) async fn page(
    State(daemon): State<Arc<Daemon>>,
    Caller(key): Caller,
    RawQuery(query): RawQuery,
) -> Result<(HeaderMap, Json<Vec<Detail>>), Failure> {
    let asked = Asked::parse(query.as_deref())?;
    let found = find(&daemon, &key, &asked);
    let rest = found.iter().filter(|it| asked.after.as_ref().is_none_or(|after| asked.is_behind(it, after)));
    let mut page: Vec<&Arc<Sandbox>> = rest.take(asked.limit + 1).collect();
    let more = page.len() > asked.limit;
    page.truncate(asked.limit);
    let mut headers = HeaderMap::new();
    if let Some(last) = page.last().filter(|_| more)
        && let Ok(token) = HeaderValue::from_str(&format!("{}_{}", last.started_unix_ms, last.id))
    {
        headers.insert(HeaderName::from_static(address::NEXT_TOKEN), token);
    }
    Ok((headers, Json(page.into_iter().map(|it| it.detail(None, false)).collect())))
}

/// `GET /sandboxes/{id}`.
pub(super) async fn one(
    State(daemon): State<Arc<Daemon>>,
    Caller(key): Caller,
    Path(id): Path<String>,
) -> Result<Json<Detail>, Failure> {
    let sandbox = daemon.guests.of(&key, &id)?;
    Ok(Json(sandbox.detail(daemon.domain_with_port().as_deref(), true)))
}

/// `GET /sandboxes/{id}/metrics`: what it uses now; earlier times are not kept.
pub(super) async fn metrics(
    State(daemon): State<Arc<Daemon>>,
    Caller(key): Caller,
    Path(id): Path<String>,
) -> Result<Json<Vec<Metric>>, Failure> {
    let sandbox = daemon.guests.of(&key, &id)?;
    Ok(Json(vec![blocking(move || now(&sandbox)).await?]))
}

/// What a sandbox uses now; its processors' share is the mean of its life.
pub(crate) fn now(sandbox: &Sandbox) -> Result<Metric, Failure> {
    let usage = sandbox.session.usage()?;
    let unix_ms = clock::unix_ms();
    let lived_ms = unix_ms.saturating_sub(sandbox.started_unix_ms).max(1);
    let share = usage.cpu_ms as f64 / lived_ms as f64 / f64::from(cpu_count()) * 100.0;
    Ok(Metric {
        timestamp: stamp::rfc3339(i64::try_from(unix_ms).unwrap_or(i64::MAX)),
        timestamp_unix: i64::try_from(unix_ms / 1000).unwrap_or(i64::MAX),
        cpu_count: cpu_count(),
        cpu_used_pct: share as f32,
        mem_used: usage.memory_bytes,
        mem_total: sandbox.limits.memory_bytes,
        mem_cache: 0,
        disk_used: usage.disk_bytes,
        disk_total: usage.disk_limit_bytes,
    })
}

fn find(daemon: &Daemon, key: &Key, asked: &Asked) -> Vec<Arc<Sandbox>> {
    let mut found = daemon.guests.all();
    found.retain(|it| it.key.name == key.name && it.session.is_alive() && asked.fits(it));
    found.sort_by(|left, right| asked.place(left).cmp(&asked.place(right)));
    if !asked.oldest_first {
        found.reverse();
    }
    found
}

/// What a list was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    metadata: BTreeMap<String, String>,
    states: Vec<Running>,
    template: Option<String>,
    limit: usize,
    after: Option<(u64, String)>,
    oldest_first: bool,
}

impl Asked {
    fn parse(query: Option<&str>) -> Result<Self, Failure> {
        let mut asked = Self {
            metadata: BTreeMap::new(),
            states: Vec::new(),
            template: None,
            limit: PAGE,
            after: None,
            oldest_first: false,
        };
        let wrong = |name: &str, value: &str| Failure::bad(format!("`{name}={value}` can not be read"));
        for (name, value) in form(query.unwrap_or_default()) {
            match name.as_str() {
                // Clients encode names and values once by themselves, then as a form, then as a query.
                "metadata" => {
                    asked.metadata =
                        form(&value).iter().map(|(name, value)| (decoded(name), decoded(value))).collect();
                }
                "state" => {
                    for state in value.split(',') {
                        asked.states.push(match state {
                            "running" => Running::Running,
                            "paused" => Running::Paused,
                            other => return Err(wrong("state", other)),
                        });
                    }
                }
                "template" => asked.template = Some(value),
                "limit" => {
                    let limit: usize = value.parse().map_err(|_| wrong("limit", &value))?;
                    asked.limit = limit.clamp(1, PAGE);
                }
                "nextToken" => {
                    let (at, id) = value.split_once('_').ok_or_else(|| wrong("nextToken", &value))?;
                    asked.after = Some((at.parse().map_err(|_| wrong("nextToken", &value))?, id.to_owned()));
                }
                "order" => asked.oldest_first = value == "asc",
                _ => {}
            }
        }
        Ok(asked)
    }

    fn fits(&self, sandbox: &Sandbox) -> bool {
        let state = if sandbox.is_frozen() { Running::Paused } else { Running::Running };
        (self.states.is_empty() || self.states.contains(&state))
            && self.template.as_ref().is_none_or(|it| *it == sandbox.template)
            && self.metadata.iter().all(|(name, value)| sandbox.metadata.get(name) == Some(value))
    }

    fn place<'s>(&self, sandbox: &'s Sandbox) -> (u64, &'s str) {
        (sandbox.started_unix_ms, &sandbox.id)
    }

    fn is_behind(&self, sandbox: &Sandbox, after: &(u64, String)) -> bool {
        let (place, after) = (self.place(sandbox), (after.0, after.1.as_str()));
        if self.oldest_first { place > after } else { place < after }
    }
}

/// Names and values of a query, decoded.
pub(crate) fn form(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let digits = bytes.as_slice_of_two();
        match (byte, digits) {
            (b'+', _) => out.push(b' '),
            (b'%', Some(value)) => {
                out.push(value);
                bytes.nth(1);
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Looks two bytes ahead.
trait Ahead {
    fn as_slice_of_two(&self) -> Option<u8>;
}

impl Ahead for std::str::Bytes<'_> {
    fn as_slice_of_two(&self) -> Option<u8> {
        let mut ahead = self.clone();
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let value = digit(ahead.next()?)? * 16 + digit(ahead.next()?)?;
        u8::try_from(value).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_with_its_inner_form() {
        let asked = Asked::parse(Some(
            "metadata=user%3Da%252520b%26x%3Dy&state=running,paused&limit=2&nextToken=5_iab&order=asc",
        ));
        let asked = asked.unwrap();
        assert_eq!(asked.metadata, BTreeMap::from([("user".into(), "a b".into()), ("x".into(), "y".into())]));
        assert_eq!((asked.states.len(), asked.limit, asked.after), (2, 2, Some((5, "iab".into()))));
        assert!(Asked::parse(Some("nextToken=x")).is_err());
        assert!(Asked::parse(Some("limit=many")).is_err());
    }

    #[test]
    fn a_percent_sign_without_digits_stands_for_itself() {
        assert_eq!(
            form("a=100%&b=%zz&c=%C3%A9"),
            [("a".into(), "100%".into()), ("b".into(), "%zz".into()), ("c".into(), "é".into()),]
                as [(String, String); 3]
        );
    }
}
