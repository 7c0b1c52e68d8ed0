//! Where the endpoint is and who asks: read at the door, trusted inside.
//!
//! The crate reads no environment: the caller says what `E2B_API_KEY` and its like hold.

use std::fmt;

use thiserror::Error;

/// The domain of E2B's own service.
pub const E2B_DOMAIN: &str = "e2b.app";
/// Longest life that may be asked for, seconds: a day.
const LONGEST_S: u64 = 24 * 3600;

/// An endpoint that speaks E2B's protocol.
#[derive(Clone, PartialEq, Eq)]
pub struct RemoteOptions {
    /// Address of the control plane, without a path: `https://api.e2b.app`, `http://127.0.0.1:3000`.
    pub endpoint: String,
    /// Address of the sandboxes' own API, if it is the same for all; `None`: each has its host below the domain.
    pub sandbox_url: Option<String>,
    /// The domain below which sandboxes have hosts, where the endpoint does not name it itself. It may carry a port.
    pub domain: Option<String>,
    /// The API key; sent, and never shown.
    pub key: String,
    /// What sandboxes are made from.
    pub template: String,
    /// Longest life of a sandbox, seconds: whoever forgets it leaves it no longer than that.
    pub timeout_s: u64,
}

/// Why options can not be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OptionsError {
    /// An address is none.
    #[error("`{0}` is no address of an endpoint; `https://api.e2b.app` and `http://127.0.0.1:3000` are")]
    Address(String),
    /// The key would go over the wire for all to read.
    #[error("`{0}` is another machine's without TLS, and key and files would go there for all to read; use https")]
    InTheClear(String),
    /// There is no key, or none that can be sent.
    #[error("the API key is empty or holds what no header can; give the one of the endpoint")]
    Key,
    /// A domain is none.
    #[error("`{0}` is no domain; `e2b.app` and `sandboxes.example:3000` are")]
    Domain(String),
    /// A life is none.
    #[error("a life of {0} seconds is not between 1 and {LONGEST_S}")]
    Timeout(u64),
    /// A template's name is none.
    #[error("`{0}` is no name of a template")]
    Template(String),
}

impl RemoteOptions {
    /// E2B's own service.
    pub fn e2b(key: impl Into<String>) -> Self {
        let endpoint = format!("https://api.{E2B_DOMAIN}");
        Self { domain: Some(E2B_DOMAIN.to_owned()), sandbox_url: None, ..Self::daemon(endpoint, key) }
    }

    /// A daemon that serves control and sandboxes at one address, as `bodkin sandboxd` does.
    pub fn daemon(address: impl Into<String>, key: impl Into<String>) -> Self {
        let endpoint = address.into();
        Self {
            sandbox_url: Some(endpoint.clone()),
            endpoint,
            domain: None,
            key: key.into(),
            template: "base".to_owned(),
            timeout_s: 3600,
        }
    }

    /// The options with addresses in one form, or what is wrong with them.
    pub fn checked(mut self) -> Result<Self, OptionsError> {
        self.endpoint = address(&self.endpoint)?;
        self.sandbox_url = self.sandbox_url.as_deref().map(address).transpose()?;
        if self.key.is_empty() || !self.key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(OptionsError::Key);
        }
        if let Some(domain) = self.domain.as_ref().filter(|it| !is_domain(it)) {
            return Err(OptionsError::Domain(domain.clone()));
        }
        if !(1..=LONGEST_S).contains(&self.timeout_s) {
            return Err(OptionsError::Timeout(self.timeout_s));
        }
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte);
        if self.template.is_empty() || !self.template.bytes().all(is_name) {
            return Err(OptionsError::Template(self.template));
        }
        Ok(self)
    }

    /// Address of a sandbox's own API. `domain` is what the endpoint said of it; one that is no domain is not used.
    pub fn sandbox_address(&self, id: &str, domain: Option<&str>) -> String {
        if let Some(address) = &self.sandbox_url {
            return address.clone();
        }
        let said = domain.filter(|it| is_domain(it));
        let domain = self.domain.as_deref().or(said).unwrap_or(E2B_DOMAIN);
        let scheme = if self.endpoint.starts_with("http://") { "http" } else { "https" };
        format!("{scheme}://{}", bodkin_e2b::address::host(bodkin_e2b::address::ENVD_PORT, id, domain))
    }
}

impl fmt::Debug for RemoteOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteOptions")
            .field("endpoint", &self.endpoint)
            .field("sandbox_url", &self.sandbox_url)
            .field("domain", &self.domain)
            .field("template", &self.template)
            .field("timeout_s", &self.timeout_s)
            .finish_non_exhaustive()
    }
}

fn address(text: &str) -> Result<String, OptionsError> {
    let wrong = || OptionsError::Address(text.to_owned());
    let url = reqwest::Url::parse(text).map_err(|_| wrong())?;
    let host = url.host_str().ok_or_else(wrong)?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !is_bare || !url.username().is_empty() || url.password().is_some() {
        return Err(wrong());
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(host) => {}
        "http" => return Err(OptionsError::InTheClear(text.to_owned())),
        _ => return Err(wrong()),
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|it| it.is_loopback())
}

fn is_domain(text: &str) -> bool {
    let (name, port) = text.split_once(':').unwrap_or((text, "443"));
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() < 254 && name.split('.').all(is_label) && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Result<RemoteOptions, OptionsError> {
        RemoteOptions::daemon(address, "k").checked()
    }

    #[test]
    fn an_address_is_a_scheme_and_a_host_and_nothing_more() {
        assert_eq!(at("http://127.0.0.1:3000/").unwrap().endpoint, "http://127.0.0.1:3000");
        assert_eq!(at("https://box.example").unwrap().endpoint, "https://box.example");
        for wrong in
            ["", "box.example", "ftp://h", "https://h/path", "https://u:p@h", "https://h?x", "unix:///run/x"]
        {
            assert_eq!(at(wrong), Err(OptionsError::Address(wrong.into())));
        }
    }

    #[test]
    fn no_key_goes_to_another_machine_in_the_clear() {
        assert_eq!(at("http://box.example"), Err(OptionsError::InTheClear("http://box.example".into())));
        assert_eq!(at("http://10.0.0.1"), Err(OptionsError::InTheClear("http://10.0.0.1".into())));
        for near in ["http://localhost:1", "http://[::1]:1", "http://e2b.localhost"] {
            assert!(at(near).is_ok(), "{near}");
        }
    }

    #[test]
    fn what_could_not_be_sent_is_refused_at_the_door() {
        let good = RemoteOptions::e2b("k");
        assert!(good.clone().checked().is_ok());
        for key in ["", "a b", "a\nb", "é"] {
            assert_eq!(RemoteOptions::e2b(key).checked(), Err(OptionsError::Key), "{key:?}");
        }
        for domain in ["", "a..b", "a/b", "a:b", "a@b"] {
            let options = RemoteOptions { domain: Some(domain.into()), ..good.clone() };
            assert_eq!(options.checked(), Err(OptionsError::Domain(domain.into())));
        }
        assert_eq!(RemoteOptions { timeout_s: 0, ..good.clone() }.checked(), Err(OptionsError::Timeout(0)));
        assert!(RemoteOptions { template: "a b".into(), ..good }.checked().is_err());
    }

    #[test]
    fn a_sandbox_has_its_host_below_the_domain_and_a_lying_endpoint_names_no_other_place() {
        let e2b = RemoteOptions { domain: None, ..RemoteOptions::e2b("k") };
        assert_eq!(e2b.sandbox_address("i1", Some("x.dev")), "https://49983-i1.x.dev");
        assert_eq!(e2b.sandbox_address("i1", Some("evil/..")), "https://49983-i1.e2b.app");
        assert_eq!(RemoteOptions::e2b("k").sandbox_address("i1", Some("x.dev")), "https://49983-i1.e2b.app");
        assert_eq!(at("http://[::1]:1").unwrap().sandbox_address("i1", None), "http://[::1]:1");
    }

    #[test]
    fn the_key_is_never_shown() {
        assert!(!format!("{:?}", RemoteOptions::e2b("sesame")).contains("sesame"));
    }
}
