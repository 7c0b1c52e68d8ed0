//! Which plane a request is for: the control plane, or one sandbox's own API.
//!
//! By host (`49983-<id>.<domain>`), by header (`E2b-Sandbox-Id`), by token, by signature, in this order. A host that
//! is none of ours is refused, so that a page in somebody's browser can not reach the daemon by a name of its own.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bodkin_e2b::connect::Code;
use bodkin_e2b::{address, files};
use tower::{Service, ServiceExt};

use crate::daemon::Daemon;
use crate::failure::Failure;
use crate::sandbox::Sandbox;
use crate::{control, envd};

/// The service of all connections.
#[derive(Clone)]
pub(crate) struct Planes {
    daemon: Arc<Daemon>,
    control: Router,
    envd: Router,
}

impl Planes {
    pub(crate) fn new(daemon: Arc<Daemon>) -> Self {
        Self { control: control::router(daemon.clone()), envd: envd::router(daemon.clone()), daemon }
    }

    async fn answer(self, mut request: Request<Body>) -> Response {
        self.daemon.counts.requests.fetch_add(1, Ordering::Relaxed);
        let plane = self.plane(&request);
        let answered = match plane {
            Err(failure) => failure.into_response(),
            Ok(Plane::Control) => to(self.control, request).await,
            Ok(Plane::Sandbox(sandbox)) => {
                sandbox.called();
                request.extensions_mut().insert(sandbox);
                to(self.envd, request).await
            }
        };
        if answered.status() == StatusCode::UNAUTHORIZED || answered.status() == StatusCode::FORBIDDEN {
            self.daemon.counts.refused.fetch_add(1, Ordering::Relaxed);
        }
        answered
    }

    fn plane(&self, request: &Request<Body>) -> Result<Plane, Failure> {
        let headers = request.headers();
        let host = host(request).ok_or_else(|| Failure::bad("a request without a host"))?;
        if text(headers, "sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
            return Err(Failure::forbidden("a page of another site may not call the daemon"));
        }
        let named = match self.meant(&host)? {
            // Some clients name their sandbox on the control plane too, where it may be frozen.
            Meant::Daemon if is_control(request.uri().path()) => return Ok(Plane::Control),
            Meant::Daemon => text(headers, address::SANDBOX_ID).map(str::to_owned),
            Meant::Sandbox(id) => Some(id),
        };
        if let Some(id) = named {
            let found = self.daemon.guests.get(&id).filter(|it| !it.is_frozen() && it.session.is_alive());
            return found.map(Plane::Sandbox).ok_or_else(|| Failure::dead_sandbox(&id));
        }
        if !is_own_api(request.uri().path(), headers) {
            return Ok(Plane::Control);
        }
        self.shown(request).map(Plane::Sandbox)
    }

    /// The sandbox whose token is shown, or signed the address.
    fn shown(&self, request: &Request<Body>) -> Result<Arc<Sandbox>, Failure> {
        let token = text(request.headers(), address::ACCESS_TOKEN);
        let signed = envd::Signed::of(request);
        let all = self.daemon.guests.all();
        let found = all.into_iter().find(|it| match (token, &signed) {
            (Some(token), _) => it.has_token(token),
            (None, Some(signed)) => signed.is_by(it),
            (None, None) => false,
        });
        let found = found.filter(|it| !it.is_frozen() && it.session.is_alive());
        found.ok_or_else(|| match (token, signed) {
            (None, None) => Failure::unauthorized(format!("name a sandbox by {}", address::SANDBOX_ID)),
            _ => Failure::unauthorized("no sandbox has this token or signature"),
        })
    }

    fn meant(&self, host: &str) -> Result<Meant, Failure> {
        let options = &self.daemon.options;
        let name = without_port(host);
        if let Some(domain) = &options.domain {
            if let Some((port, id)) = address::parse_host(host, domain) {
                return if port == address::ENVD_PORT {
                    Ok(Meant::Sandbox(id.to_owned()))
                } else {
                    let message = format!("The sandbox {id} is running but port is not open: {port}");
                    Err(Failure::new(StatusCode::BAD_GATEWAY, Code::Unavailable, message))
                };
            }
            let below = name.len().checked_sub(domain.len()).and_then(|at| name.split_at_checked(at));
            if below.is_some_and(|(label, rest)| {
                rest.eq_ignore_ascii_case(domain) && (label.is_empty() || label.ends_with('.'))
            }) {
                return Ok(Meant::Daemon);
            }
        }
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        let ours = bare.parse::<IpAddr>().is_ok()
            || name.eq_ignore_ascii_case("localhost")
            || name.to_ascii_lowercase().ends_with(".localhost")
            || options.hosts.iter().any(|it| it.eq_ignore_ascii_case(name));
        if ours {
            return Ok(Meant::Daemon);
        }
        Err(Failure::forbidden(format!(
            "`{name}` is no name of this daemon; start it with --host {name} if it is"
        )))
    }
}

enum Plane {
    Control,
    Sandbox(Arc<Sandbox>),
}

enum Meant {
    Daemon,
    Sandbox(String),
}

async fn to(router: Router, request: Request<Body>) -> Response {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The host that a request names: `:authority`, else `Host`.
fn host(request: &Request<Body>) -> Option<String> {
    let authority = request.uri().authority().map(|it| it.as_str().to_owned());
    authority.or_else(|| text(request.headers(), header::HOST.as_str()).map(str::to_owned))
}

fn without_port(host: &str) -> &str {
    if host.ends_with(']') {
        return host;
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

/// Whether a path can only be the control plane's.
fn is_control(path: &str) -> bool {
    ["/sandboxes", "/v2/", "/sandbox/", "/bodkin/"].iter().any(|start| path.starts_with(start))
}

/// Whether a path can only be a sandbox's own. `/health` and `/metrics` are the daemon's unless a sandbox is named.
fn is_own_api(path: &str, headers: &HeaderMap) -> bool {
    let own = ["/process.", "/filesystem."].iter().any(|start| path.starts_with(start));
    own || path == files::PATH
        || path.starts_with("/files/")
        || path == "/envs"
        || (path == "/metrics" && headers.contains_key(address::ACCESS_TOKEN))
}

/// A header's text.
pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

impl<B> Service<Request<B>> for Planes
where
    B: axum::body::HttpBody<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let planes = self.clone();
        let request = request.map(Body::new);
        Box::pin(async move { Ok(planes.answer(request).await) })
    }
}
