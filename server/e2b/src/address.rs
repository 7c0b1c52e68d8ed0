//! Who is meant by a request: header names, the host of a sandbox's port, the user in `Authorization`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The key of the control plane.
pub const API_KEY: &str = "x-api-key";
/// The token of one sandbox.
pub const ACCESS_TOKEN: &str = "x-access-token";
/// Which sandbox is meant, where the address does not say it.
pub const SANDBOX_ID: &str = "e2b-sandbox-id";
/// Which port in the sandbox is meant.
pub const SANDBOX_PORT: &str = "e2b-sandbox-port";
/// How often a stream is to show that it lives, seconds.
pub const KEEPALIVE_INTERVAL: &str = "keepalive-ping-interval";
/// Where the next page of a list begins.
pub const NEXT_TOKEN: &str = "x-next-token";
/// The key under which a repeated create gives the first one's answer.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The port of a sandbox's own API.
pub const ENVD_PORT: u16 = 49983;
/// The user in whose name commands run unless the request names one.
pub const DEFAULT_USER: &str = "user";
/// The version of E2B's in-sandbox API that the daemon speaks: clients ask for no more than it had.
pub const ENVD_VERSION: &str = "0.6.4";

/// The host of a port of a sandbox: `49983-<id>.<domain>`. `domain` may carry a port.
pub fn host(port: u16, sandbox: &str, domain: &str) -> String {
    format!("{port}-{sandbox}.{domain}")
}

/// Port and sandbox that a host names; `None` if it is no host of `domain`'s sandboxes. `domain` is without a port.
pub fn parse_host<'a>(host: &'a str, domain: &str) -> Option<(u16, &'a str)> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let (label, rest) = name.split_once('.')?;
    if !rest.eq_ignore_ascii_case(domain) {
        return None;
    }
    let (port, sandbox) = label.split_once('-')?;
    Some((port.parse().ok()?, sandbox))
}

/// `Authorization` that names a user: `Basic base64("user:")`.
pub fn basic_user(user: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:")))
}

/// The user that an `Authorization` header names.
pub fn parse_basic_user(header: &str) -> Option<String> {
    let decoded = STANDARD.decode(header.strip_prefix("Basic ")?.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let user = text.split_once(':').map_or(text.as_str(), |(user, _)| user);
    (!user.is_empty()).then(|| user.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_names_port_and_sandbox_of_its_domain_alone() {
        assert_eq!(host(49983, "i1", "e2b.local:3000"), "49983-i1.e2b.local:3000");
        assert_eq!(parse_host("49983-i1.e2b.local:3000", "e2b.local"), Some((49983, "i1")));
        assert_eq!(parse_host("49983-i1.E2B.local", "e2b.local"), Some((49983, "i1")));
        for other in ["49983-i1.evil.example", "i1.e2b.local", "e2b.local", "99999999-i1.e2b.local", ""] {
            assert_eq!(parse_host(other, "e2b.local"), None, "{other}");
        }
    }

    #[test]
    fn a_user_goes_through_authorization_and_back() {
        assert_eq!(parse_basic_user(&basic_user("root")), Some("root".into()));
        assert_eq!(parse_basic_user("Bearer x"), None);
        assert_eq!(parse_basic_user(&basic_user("")), None);
    }
}
