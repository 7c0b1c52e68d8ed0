//! What the caller tells about the endpoint.

use std::fmt;

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

impl RemoteOptions {
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

#[cfg(test)]
mod tests {
    use super::*;

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
