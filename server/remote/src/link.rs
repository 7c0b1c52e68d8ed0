//! The connection: requests with their patience, retries where they can do no harm, and errors in words.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bodkin_e2b::connect::Fault;
use bodkin_e2b::control::ApiError;
use bodkin_e2b::{address, connect};
use bodkin_sandbox::SandboxError;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::Runtime;

use crate::options::RemoteOptions;

/// How long an answer may take to begin.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a request is tried that can do no harm twice.
const TRIES: u32 = 4;
/// The longest that is waited between two tries, whatever the other side asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A document larger than this is refused, bytes.
pub(crate) const MOST: usize = 64 << 20;

/// One endpoint; clones are one and the same.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) options: Arc<RemoteOptions>,
    http: Client,
    runtime: Arc<Runtime>,
}

/// Whether a request may be sent again when it is not known what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    Yes,
    /// Only where the other side says that it did nothing.
    No,
}

/// An answer that is no success.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) says: String,
    pub(crate) body: Vec<u8>,
}

impl Refused {
    /// The route is not known there.
    pub(crate) fn is_unknown(&self) -> bool {
        [404, 405, 501].contains(&self.status)
    }
}

impl Link {
    pub(crate) fn new(options: RemoteOptions) -> Result<Self, SandboxError> {
        options.check().map_err(|error| SandboxError::Unavailable {
            why: format!("the remote endpoint can not be used: {error}"),
            next_step: "set it right".to_owned(),
        })?;
        // Somebody else of this process may have been first, with the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let what = "preparing connections to other machines";
        let http = Client::builder()
            .tcp_nodelay(true)
            .connect_timeout(Duration::from_secs(15))
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| SandboxError::io(what)(io::Error::other(words(&error))))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("bodkin-remote")
            .enable_all()
            .build()
            .map_err(SandboxError::io(what))?;
        Ok(Self { options: Arc::new(options), http, runtime: Arc::new(runtime) })
    }

    /// Waits for an answer. Not to be called from a thread of an executor.
    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// A request to the control plane.
    pub(crate) fn control(&self, method: reqwest::Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.options.api_url.trim_end_matches('/'));
        self.http.request(method, url).header(address::API_KEY, &self.options.key)
    }

    /// A request to a sandbox.
    pub(crate) fn inside(&self, method: reqwest::Method, at: &Place, path: &str) -> RequestBuilder {
        let mut request = self
            .http
            .request(method, format!("{}{path}", at.url))
            .header(address::SANDBOX_ID, &at.id)
            .header(address::SANDBOX_PORT, address::ENVD_PORT);
        if let Some(token) = &at.token {
            request = request.header(address::ACCESS_TOKEN, token);
        }
        request
    }

    /// Sends a request; an answer that is a refusal is an error in words.
    pub(crate) fn send(
        &self,
        what: &str,
        again: Again,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<Response, SandboxError> {
        match self.try_send_whole(what, again, request)? {
            Ok(response) => Ok(response),
            Err(refused) => Err(self.error(what, &refused)),
        }
    }

    /// Sends a request, again where that helps; a refusal comes with its whole body.
    #[expect(clippy::disallowed_methods, reason = "a busy server is asked again after a pause")]
    pub(crate) fn try_send_whole(
        &self,
        what: &str,
        again: Again,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<Result<Response, Refused>, SandboxError> {
        self.wait(async {
            let mut tries = 1;
            loop {
                let answer = tokio::time::timeout(PATIENCE, request().send()).await;
                let pause = match answer {
                    Ok(Ok(response)) if response.status().is_success() => return Ok(Ok(response)),
                    Ok(Ok(response)) => {
                        let pause = pause(&response, again, tries);
                        let refused = refused(response).await;
                        match pause.filter(|_| tries < TRIES && !is_dead(&refused)) {
                            Some(pause) => pause,
                            None => return Ok(Err(refused)),
                        }
                    }
                    Ok(Err(error)) => {
                        let may_again = error.is_connect() || again == Again::Yes;
                        if !may_again || tries >= 2 {
                            return Err(self.silent(what, &words(&error)));
                        }
                        Duration::from_millis(100)
                    }
                    Err(_) => {
                        return Err(self.silent(what, &format!("no answer within {} s", PATIENCE.as_secs())));
                    }
                };
                tokio::time::sleep(pause).await;
                tries += 1;
            }
        })
    }

    /// Sends a request and reads a JSON document.
    pub(crate) fn json<T: DeserializeOwned>(
        &self,
        what: &str,
        again: Again,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<T, SandboxError> {
        let body = self.body(what, self.send(what, again, request)?)?;
        let text = if body.is_empty() { b"null" } else { body.as_slice() };
        serde_json::from_slice(text).map_err(|error| {
            SandboxError::io(what)(io::Error::new(io::ErrorKind::InvalidData, error.to_string()))
        })
    }

    /// One unary call of a sandbox's own API.
    pub(crate) fn call<T: DeserializeOwned>(
        &self,
        what: &str,
        at: &Place,
        path: &str,
        message: &impl Serialize,
    ) -> Result<T, SandboxError> {
        let body = serde_json::to_vec(message).unwrap_or_default();
        self.json(what, Again::No, || {
            self.inside(reqwest::Method::POST, at, path)
                .header("content-type", connect::UNARY_TYPE)
                .header(connect::VERSION.0, connect::VERSION.1)
                .body(body.clone())
        })
    }

    /// Reads an answer whole, bounded.
    pub(crate) fn body(&self, what: &str, mut response: Response) -> Result<Vec<u8>, SandboxError> {
        self.wait(async {
            let mut body = Vec::new();
            while let Some(chunk) = self
                .within(what, response.chunk())
                .await?
                .map_err(|error| self.silent(what, &words(&error)))?
            {
                if body.len() + chunk.len() > MOST {
                    let error = io::Error::new(io::ErrorKind::InvalidData, "the answer is too large");
                    return Err(SandboxError::io(what)(error));
                }
                body.extend_from_slice(&chunk);
            }
            Ok(body)
        })
    }

    /// A wait with a deadline.
    pub(crate) async fn within<T>(
        &self,
        what: &str,
        future: impl Future<Output = T>,
    ) -> Result<T, SandboxError> {
        let late = |_| self.silent(what, "it stopped in the middle of its answer");
        tokio::time::timeout(PATIENCE, future).await.map_err(late)
    }

    /// Nothing comes from there.
    pub(crate) fn silent(&self, what: &str, why: &str) -> SandboxError {
        SandboxError::Unavailable {
            why: format!("{what}: {} does not answer ({why})", self.options.api_url),
            next_step:
                "see that the address is right and the network is up; `bodkin sandboxd` serves on a machine \
                        of your own"
                    .to_owned(),
        }
    }

    /// A refusal in words.
    pub(crate) fn error(&self, what: &str, refused: &Refused) -> SandboxError {
        let (url, says) = (&self.options.api_url, &refused.says);
        let unavailable =
            |why: String, next_step: &str| SandboxError::Unavailable { why, next_step: next_step.to_owned() };
        let kind = match refused.status {
            _ if is_dead(refused) => {
                return unavailable(format!("the sandbox is gone: {says}"), "run it again in a new one");
            }
            401 => {
                return unavailable(
                    format!("{url} refuses the key: {says}"),
                    "give a key that is valid there",
                );
            }
            429 => {
                return unavailable(
                    format!("{url} takes no more for now: {says}"),
                    "end other sandboxes, or wait",
                );
            }
            502..=504 => return unavailable(format!("{url} can not serve now: {says}"), "try again later"),
            400 | 422 => io::ErrorKind::InvalidInput,
            403 => io::ErrorKind::PermissionDenied,
            404 => io::ErrorKind::NotFound,
            409 => io::ErrorKind::AlreadyExists,
            507 => io::ErrorKind::StorageFull,
            _ => io::ErrorKind::Other,
        };
        SandboxError::io(what)(io::Error::new(kind, format!("{says} (status {})", refused.status)))
    }
}

/// Where one sandbox is reached.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) id: String,
    pub(crate) token: Option<String>,
}

/// The words by which a dead sandbox is known, whichever status they come with.
pub(crate) fn is_dead(refused: &Refused) -> bool {
    refused.status == 502 && refused.says.contains("was not found")
}

/// How long to wait before the next try; `None`: another try would not help, or do harm.
fn pause(response: &Response, again: Again, tries: u32) -> Option<Duration> {
    let header = |name: &str| response.headers().get(name).and_then(|it| it.to_str().ok());
    let is_asked = header("should-retry") == Some("true");
    let did_nothing = response.status() == StatusCode::TOO_MANY_REQUESTS;
    let is_weak = [502, 503, 504].contains(&response.status().as_u16()) && again == Again::Yes;
    if header("should-retry") == Some("false") || !(is_asked || did_nothing || is_weak) {
        return None;
    }
    let asked = header("retry-after").and_then(|it| it.parse().ok()).map(Duration::from_secs);
    Some(asked.unwrap_or(Duration::from_millis(100 << tries)).min(LONGEST_PAUSE))
}

async fn refused(mut response: Response) -> Refused {
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Ok(Ok(Some(chunk))) = tokio::time::timeout(PATIENCE, response.chunk()).await {
        body.extend_from_slice(&chunk);
        if body.len() > MOST {
            break;
        }
    }
    let says = serde_json::from_slice::<ApiError>(&body)
        .map(|it| it.message)
        .or_else(|_| serde_json::from_slice::<Fault>(&body).map(|it| it.message))
        .unwrap_or_else(|_| {
            String::from_utf8_lossy(body.get(..body.len().min(4096)).unwrap_or_default()).trim().to_owned()
        });
    let says: String = says.chars().filter(|it| !it.is_control()).take(300).collect();
    Refused { status, says, body }
}

/// An error with all that led to it. The address is left out: it may hold what is nobody's business.
pub(crate) fn words(error: &reqwest::Error) -> String {
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    let mut last =
        if error.is_timeout() { "it took too long".to_owned() } else { "the connection broke".to_owned() };
    while let Some(next) = cause {
        last = next.to_string();
        cause = next.source();
    }
    last
}
