//! Which hosts a command may reach: names that the user agreed to, and what they may resolve to.
//!
//! A name is compared as it was asked for, before it is resolved; what it resolves to is looked at again, so that a
//! name whose owner points it at this machine opens nothing here (DNS rebinding).

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The ports that a name without one means.
const PORTS: [u16; 2] = [80, 443];

/// Hosts that may be reached.
#[derive(Debug, Clone)]
pub(super) struct Allowed(Vec<Pattern>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    /// Lower case, without the `*.`.
    name: String,
    below: bool,
    port: Option<u16>,
}

/// How a host came to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// By its own name.
    Exactly,
    /// By a name above it.
    Below,
}

impl Allowed {
    /// The hosts of a [`bodkin_guard::action::Network::Hosts`].
    pub(super) fn new(hosts: &BTreeSet<String>) -> Self {
        Self(hosts.iter().map(|host| Pattern::new(host)).collect())
    }

    /// Whether `name` may be reached at `port`, and by which kind of name.
    pub(super) fn names(&self, name: &str, port: u16) -> Option<Named> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        self.0
            .iter()
            .filter_map(|pattern| pattern.names(&name, port))
            .min_by_key(|named| *named == Named::Below)
    }

    /// As the user wrote them.
    pub(super) fn list(&self) -> String {
        let words = self.0.iter().map(|pattern| {
            let star = if pattern.below { "*." } else { "" };
            let port = pattern.port.map(|port| format!(":{port}")).unwrap_or_default();
            format!("{star}{}{port}", pattern.name)
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

impl Pattern {
    fn new(host: &str) -> Self {
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) => (name, port.parse().ok()),
            None => (host, None),
        };
        let (name, below) = name.strip_prefix("*.").map_or((name, false), |name| (name, true));
        Self { name: name.trim_end_matches('.').to_ascii_lowercase(), below, port }
    }

    fn names(&self, name: &str, port: u16) -> Option<Named> {
        if !self.port.map_or(PORTS.contains(&port), |own| own == port) {
            return None;
        }
        if self.below {
            let rest = name.strip_suffix(&self.name)?;
            (rest.len() > 1 && rest.ends_with('.')).then_some(Named::Below)
        } else {
            (name == self.name).then_some(Named::Exactly)
        }
    }
}

/// Whether a host that was allowed by `named` under `name` may stand at `address`.
///
/// This machine and its link are reached only by their own name or number; other private networks only through
/// a name that was given exactly.
pub(super) fn may_stand_at(name: &str, named: Named, address: IpAddr) -> bool {
    let address = plain(address);
    let is_literal =
        name == "localhost" || name.parse::<IpAddr>().is_ok_and(|literal| plain(literal) == address);
    match reach(address) {
        Reach::Nowhere => false,
        Reach::Here => named == Named::Exactly && is_literal,
        Reach::Private => named == Named::Exactly,
        Reach::Public => true,
    }
}

/// An IPv4 address in IPv6's clothes, undressed.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Nowhere,
    Here,
    Private,
    Public,
}

fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(four) => reach_of_four(four),
        IpAddr::V6(six) => reach_of_six(six),
    }
}

fn reach_of_four(address: Ipv4Addr) -> Reach {
    let [a, b, ..] = address.octets();
    if address.is_unspecified() || address.is_multicast() || address.is_broadcast() || a == 0 || a >= 240 {
        Reach::Nowhere
    } else if address.is_loopback() || address.is_link_local() {
        Reach::Here
    } else if address.is_private()
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (b == 18 || b == 19))
    {
        Reach::Private
    } else {
        Reach::Public
    }
}

fn reach_of_six(address: Ipv6Addr) -> Reach {
    let [first, second, ..] = address.segments();
    if address.is_unspecified() || address.is_multicast() {
        Reach::Nowhere
    } else if address.is_loopback() || (first & 0xffc0) == 0xfe80 {
        Reach::Here
    } else if (first & 0xfe00) == 0xfc00
        || first == 0x2002
        || (first == 0x64 && second == 0xff9b)
        || first == 0
    {
        // Unique local; and ways to write an IPv4 address that would have to be judged as one.
        Reach::Private
    } else {
        Reach::Public
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(hosts: &[&str]) -> Allowed {
        Allowed::new(&hosts.iter().map(|host| (*host).to_owned()).collect())
    }

    #[test]
    fn a_name_means_itself_at_the_ports_of_the_web() {
        let hosts = allowed(&["pypi.org"]);
        assert_eq!(hosts.names("pypi.org", 443), Some(Named::Exactly));
        assert_eq!(hosts.names("PyPI.org.", 80), Some(Named::Exactly));
        for (name, port) in
            [("pypi.org", 22), ("evil-pypi.org", 443), ("a.pypi.org", 443), ("pypi.org.evil.io", 443)]
        {
            assert_eq!(hosts.names(name, port), None, "{name}:{port}");
        }
    }

    #[test]
    fn a_star_means_what_lies_below_and_not_the_name_itself() {
        let hosts = allowed(&["*.crates.io:8443"]);
        assert_eq!(hosts.names("static.crates.io", 8443), Some(Named::Below));
        for (name, port) in
            [("crates.io", 8443), (".crates.io", 8443), ("xcrates.io", 8443), ("a.crates.io", 443)]
        {
            assert_eq!(hosts.names(name, port), None, "{name}:{port}");
        }
    }

    #[test]
    fn a_name_that_resolves_to_this_machine_opens_nothing_here() {
        for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "fe80::1", "0.0.0.0", "::"]
        {
            assert!(!may_stand_at("pypi.org", Named::Exactly, address.parse().unwrap()), "{address}");
        }
        assert!(may_stand_at("localhost", Named::Exactly, "127.0.0.1".parse().unwrap()));
        assert!(may_stand_at("127.0.0.1", Named::Exactly, "127.0.0.1".parse().unwrap()));
        assert!(!may_stand_at("127.0.0.1", Named::Exactly, "127.0.0.2".parse().unwrap()));
    }

    #[test]
    fn a_private_network_is_reached_only_by_an_exact_name() {
        for address in ["10.0.0.7", "192.168.1.1", "100.64.0.1", "fd00::1", "64:ff9b::a00:1", "2002:a00:1::"]
        {
            let address = address.parse().unwrap();
            assert!(may_stand_at("registry.corp.example", Named::Exactly, address), "{address}");
            assert!(!may_stand_at("a.example", Named::Below, address), "{address}");
        }
        assert!(may_stand_at("a.example", Named::Below, "93.184.216.34".parse().unwrap()));
    }
}
