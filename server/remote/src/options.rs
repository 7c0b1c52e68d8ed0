//! What the caller tells about the endpoint.

use std::fmt;

use reqwest::Url;
use thiserror::Error;

/// Where sandboxes are made, and by whose leave.
#[derive(Clone)]
pub struct RemoteOptions {
    /// The control plane: `https://api.e2b.app`, `http://127.0.0.1:3000`.
    pub api_url: String,
    /// Where all sandboxes are reached; `None`: each by a name below `domain`.
    pub sandbox_url: Option<String>,
    /// The domain of sandboxes without a `sandbox_url`: `e2b.app`.
    pub domain: String,
    /// The API key.
    pub key: String,
    /// What sandboxes are made of there.
    pub template: String,
    /// A word for this client: it keeps its replicas apart from those of other clients with the same key.
    pub client: String,
}

/// Why options can not be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OptionsError {
    /// An address is none.
    #[error("`{0}` is no address of an endpoint; `https://api.e2b.app` and `http://127.0.0.1:3000` are")]
    Address(String),
    /// The key would go over the wire for all to read.
    #[error(
        "`{0}` is another machine's without TLS: key and files would go there for all to read; use https"
    )]
    InTheClear(String),
    /// There is no key, or none that can be sent.
    #[error("the API key is empty or holds what no header can; give the one of the endpoint")]
    Key,
    /// A domain is none.
    #[error("`{0}` is no domain; `e2b.app` and `sandboxes.example:3000` are")]
    Domain(String),
}

impl RemoteOptions {
    /// Whether they may be used: a key goes to another machine by TLS alone.
    pub fn check(&self) -> Result<(), OptionsError> {
        check_address(&self.api_url)?;
        self.sandbox_url.as_deref().map_or(Ok(()), check_address)?;
        if self.key.is_empty() || !self.key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(OptionsError::Key);
        }
        if is_domain(&self.domain) { Ok(()) } else { Err(OptionsError::Domain(self.domain.clone())) }
    }

    /// E2B's own service, or one like it, by its domain.
    pub fn of_domain(domain: &str, key: impl Into<String>) -> Self {
        Self {
            api_url: format!("https://api.{domain}"),
            sandbox_url: None,
            domain: domain.to_owned(),
            key: key.into(),
            template: "base".to_owned(),
            client: String::new(),
        }
    }

    /// A `bodkin sandboxd`, or another service that has everything at one address.
    pub fn at(url: &str, key: impl Into<String>) -> Self {
        let url = url.trim_end_matches('/').to_owned();
        Self { sandbox_url: Some(url.clone()), api_url: url, ..Self::of_domain("e2b.app", key) }
    }

    /// The base address of a sandbox's own API.
    pub(crate) fn sandbox(&self, id: &str) -> String {
        /// Domains whose sandboxes are told apart by headers alone.
        const ROUTED: [&str; 3] = ["e2b.app", "e2b.dev", "e2b.pro"];
        match &self.sandbox_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None if ROUTED.contains(&self.domain.as_str()) => format!("https://sandbox.{}", self.domain),
            None => {
                let host = bodkin_e2b::address::host(bodkin_e2b::address::ENVD_PORT, id, &self.domain);
                format!("https://{host}")
            }
        }
    }
}

impl fmt::Debug for RemoteOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteOptions")
            .field("api_url", &self.api_url)
            .field("sandbox_url", &self.sandbox_url)
            .field("domain", &self.domain)
            .field("template", &self.template)
            .finish_non_exhaustive()
    }
}

fn check_address(text: &str) -> Result<(), OptionsError> {
    let wrong = || OptionsError::Address(text.to_owned());
    let url = Url::parse(text).map_err(|_| wrong())?;
    let host = url.host_str().ok_or_else(wrong)?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !is_bare || !url.username().is_empty() || url.password().is_some() {
        return Err(wrong());
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(host) => Ok(()),
        "http" => Err(OptionsError::InTheClear(text.to_owned())),
        _ => Err(wrong()),
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_local = host == "localhost" || host.ends_with(".localhost");
    is_local || bare.parse::<std::net::IpAddr>().is_ok_and(|it| it.is_loopback())
}

/// Whether a text is a name below which hosts can be, with or without a port.
pub(crate) fn is_domain(text: &str) -> bool {
    let (name, port) = text.split_once(':').unwrap_or((text, "443"));
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() < 254 && name.split('.').all(is_label) && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_goes_to_another_machine_in_the_clear() {
        for far in ["http://box.example", "http://10.0.0.1:3000", "http://127.0.0.1.example"] {
            assert_eq!(RemoteOptions::at(far, "k").check(), Err(OptionsError::InTheClear(far.into())));
        }
        for near in ["http://localhost:1", "http://[::1]:1", "http://127.0.0.1:3000/", "https://box.example"]
        {
            assert_eq!(RemoteOptions::at(near, "k").check(), Ok(()), "{near}");
        }
        assert_eq!(RemoteOptions::of_domain("e2b.app", "k").check(), Ok(()));
    }

    #[test]
    fn what_is_no_address_key_or_domain_is_refused_at_the_door() {
        for wrong in ["", "box.example", "ftp://h", "https://h/path", "https://u:p@h", "https://h?x"] {
            let refused = RemoteOptions::at(wrong, "k").check();
            assert_eq!(refused, Err(OptionsError::Address(wrong.into())));
        }
        for key in ["", "a b", "a\nb", "é"] {
            assert_eq!(RemoteOptions::of_domain("e2b.app", key).check(), Err(OptionsError::Key), "{key:?}");
        }
        for domain in ["", "a..b", "evil/..", "a:b", "a@b"] {
            assert!(!is_domain(domain), "{domain}");
        }
    }

    #[test]
    fn a_key_is_never_shown() {
        assert!(!format!("{:?}", RemoteOptions::at("http://h:1/", "secret")).contains("secret"));
    }

    #[test]
    fn sandboxes_are_reached_as_the_official_clients_reach_them() {
        assert_eq!(RemoteOptions::at("http://h:1/", "k").sandbox("i1"), "http://h:1");
        assert_eq!(RemoteOptions::of_domain("e2b.app", "k").sandbox("i1"), "https://sandbox.e2b.app");
        assert_eq!(RemoteOptions::of_domain("my.org:99", "k").sandbox("i1"), "https://49983-i1.my.org:99");
    }
}
