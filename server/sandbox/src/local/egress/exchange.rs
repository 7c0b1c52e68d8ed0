//! One connection through the proxy: what it asks for, the answer, and the bytes between.
//!
//! The caller is hostile code: its request is bounded in size and time, and nothing of it is believed but the name
//! of the host, which is looked up here.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::allowed::{Allowed, may_stand_at};

/// The longest head of a request, bytes.
const HEAD_BYTES: usize = 16 << 10;

/// How long a request may take to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a host may take to answer a connection.
const CONNECT_TIME: Duration = Duration::from_secs(15);

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    host: String,
    port: u16,
    /// What is sent on first: empty for a tunnel, else the request as the host expects it.
    first: Vec<u8>,
    is_tunnel: bool,
}

/// An answer to a request that goes nowhere.
struct Refusal {
    status: &'static str,
    why: String,
}

/// Serves one connection to its end. `refuse` hears of hosts that are not allowed; `opened` of the connection to the
/// host, and says whether it is still wanted.
pub(super) fn serve(
    mut inside: TcpStream,
    allowed: &Allowed,
    refuse: &mut dyn FnMut(&str),
    opened: &mut dyn FnMut(&TcpStream) -> bool,
) {
    let _ = inside.set_read_timeout(Some(PATIENCE));
    let result = read_head(&mut inside).and_then(|(head, rest)| {
        let asked = parse(&head)?;
        let outside = connect(&asked, allowed, refuse)?;
        Ok((asked, rest, outside))
    });
    match result {
        Ok((asked, rest, outside)) if opened(&outside) => {
            let _ = exchange(inside, outside, &asked, &rest);
        }
        Ok(_) => {}
        Err(refusal) => {
            let body = format!("bodkin: {}\n", refusal.why);
            let head = format!(
                "HTTP/1.1 {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                refusal.status,
                body.len()
            );
            let _ = inside.write_all(&[head.as_bytes(), body.as_bytes()].concat());
            let _ = inside.shutdown(Shutdown::Write);
        }
    }
}

/// The head of a request with its empty line, and what came after it.
fn read_head(from: &mut TcpStream) -> Result<(Vec<u8>, Vec<u8>), Refusal> {
    let mut head = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        if let Some(end) = head.windows(4).position(|it| it == b"\r\n\r\n") {
            let rest = head.split_off(end + 4);
            return Ok((head, rest));
        }
        let count = match from.read(&mut chunk) {
            Ok(count) if count > 0 && head.len() < HEAD_BYTES => count,
            Ok(_) | Err(_) => return Err(bad("the request is cut off or too long")),
        };
        head.extend_from_slice(chunk.get(..count).unwrap_or_default());
    }
}

fn bad(why: &str) -> Refusal {
    Refusal { status: "400 Bad Request", why: why.to_owned() }
}

fn parse(head: &[u8]) -> Result<Asked, Refusal> {
    let text = std::str::from_utf8(head).map_err(|_| bad("the request is not text"))?;
    let (line, fields) = text.split_once("\r\n").ok_or_else(|| bad("the request has no line"))?;
    let mut words = line.split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(bad("the request's first line is not one of HTTP/1.1"));
    };
    if !version.starts_with("HTTP/1.") {
        return Err(bad("only HTTP/1.1 is spoken here"));
    }
    if method == "CONNECT" {
        let (host, port) = host_and_port(target, None)?;
        return Ok(Asked { host, port, first: Vec::new(), is_tunnel: true });
    }
    let rest = target
        .strip_prefix("http://")
        .ok_or_else(|| bad("this is a proxy: ask it with CONNECT, or for a whole http:// address"))?;
    let (authority, path) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
    let (host, port) = host_and_port(authority, Some(80))?;
    let slash = if path.starts_with('/') { "" } else { "/" };
    let mut first = format!("{method} {slash}{path} {version}\r\nHost: {authority}\r\n");
    // One request a connection: the next may name another host, and would not be looked at.
    for field in fields.split("\r\n").filter(|it| !it.is_empty()) {
        let name = field.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
        if !["host", "connection", "keep-alive", "upgrade"].contains(&name.as_str())
            && !name.starts_with("proxy-")
        {
            first.push_str(field);
            first.push_str("\r\n");
        }
    }
    first.push_str("Connection: close\r\n\r\n");
    Ok(Asked { host, port, first: first.into_bytes(), is_tunnel: false })
}

fn host_and_port(authority: &str, default: Option<u16>) -> Result<(String, u16), Refusal> {
    let wrong = || bad("the request names no host and port");
    if authority.contains('@') {
        return Err(bad("an address with a user's name is not sent on"));
    }
    let (host, port) = match authority.strip_prefix('[').and_then(|it| it.split_once(']')) {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => authority.rsplit_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        Some(port) => port.parse().map_err(|_| wrong())?,
        None => default.ok_or_else(wrong)?,
    };
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"-._:".contains(&it);
    if host.is_empty() || host.len() > 253 || !host.bytes().all(is_plain) {
        return Err(wrong());
    }
    Ok((host.to_owned(), port))
}

fn connect(asked: &Asked, allowed: &Allowed, refuse: &mut dyn FnMut(&str)) -> Result<TcpStream, Refusal> {
    let place = format!("{}:{}", asked.host, asked.port);
    let Some(named) = allowed.names(&asked.host, asked.port) else {
        refuse(&place);
        let why = format!(
            "{place} is not among the hosts that this command may reach ({}); name it with --net",
            allowed.list()
        );
        return Err(Refusal { status: "403 Forbidden", why });
    };
    let unreachable =
        |error: io::Error| Refusal { status: "502 Bad Gateway", why: format!("{place}: {error}") };
    let addresses = (asked.host.as_str(), asked.port).to_socket_addrs().map_err(unreachable)?;
    let name = asked.host.to_ascii_lowercase();
    let (fit, unfit): (Vec<SocketAddr>, Vec<SocketAddr>) =
        addresses.partition(|address| may_stand_at(&name, named, address.ip()));
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in &fit {
        match TcpStream::connect_timeout(address, CONNECT_TIME) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    if let (true, Some(address)) = (fit.is_empty(), unfit.first()) {
        refuse(&place);
        let why = format!("{place} stands at {}, which is this machine or a private network", address.ip());
        return Err(Refusal { status: "403 Forbidden", why });
    }
    Err(unreachable(last))
}

/// Bytes both ways, until both sides have said all.
fn exchange(mut inside: TcpStream, mut outside: TcpStream, asked: &Asked, rest: &[u8]) -> io::Result<()> {
    let _ = (inside.set_nodelay(true), outside.set_nodelay(true), inside.set_read_timeout(None));
    if asked.is_tunnel {
        inside.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    }
    outside.write_all(&[&asked.first, rest].concat())?;
    let (mut from_inside, mut to_outside) = (inside.try_clone()?, outside.try_clone()?);
    let up = std::thread::Builder::new().name("egress".to_owned()).spawn(move || {
        let _ = io::copy(&mut from_inside, &mut to_outside);
        let _ = to_outside.shutdown(Shutdown::Write);
    })?;
    let _ = io::copy(&mut outside, &mut inside);
    let _ = inside.shutdown(Shutdown::Write);
    if !asked.is_tunnel {
        // The answer is whole; what the caller still says would be for another host.
        let _ = inside.shutdown(Shutdown::Read);
    }
    let _ = up.join();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(head: &str) -> Result<Asked, String> {
        parse(head.as_bytes()).map_err(|refusal| refusal.why)
    }

    #[test]
    fn a_tunnel_names_its_host_and_port() {
        let asked = parsed("CONNECT pypi.org:443 HTTP/1.1\r\nHost: evil.io\r\n\r\n").unwrap();
        assert_eq!((asked.host.as_str(), asked.port, asked.is_tunnel), ("pypi.org", 443, true));
        assert_eq!(parsed("CONNECT [::1]:443 HTTP/1.1\r\n\r\n").unwrap().host, "::1");
    }

    #[test]
    fn a_plain_request_goes_on_with_the_host_of_its_address_and_ends_the_connection() {
        let asked = parsed(
            "GET http://a.example:8080/x?y HTTP/1.1\r\nHost: other\r\nConnection: keep-alive\r\n\
             Proxy-Authorization: s\r\nAccept: */*\r\n\r\n",
        )
        .unwrap();
        assert_eq!((asked.host.as_str(), asked.port), ("a.example", 8080));
        assert_eq!(
            String::from_utf8(asked.first).unwrap(),
            "GET /x?y HTTP/1.1\r\nHost: a.example:8080\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        );
    }

    #[test]
    fn a_request_that_is_none_is_refused() {
        for head in [
            "GET / HTTP/1.1\r\n\r\n",
            "GET https://a/ HTTP/1.1\r\n\r\n",
            "CONNECT pypi.org HTTP/1.1\r\n\r\n",
            "CONNECT pypi.org:0x50 HTTP/1.1\r\n\r\n",
            "CONNECT a b:443 HTTP/1.1\r\n\r\n",
            "CONNECT user@pypi.org:443 HTTP/1.1\r\n\r\n",
            "CONNECT p%79pi.org:443 HTTP/1.1\r\n\r\n",
            "CONNECT pypi.org:443 HTTP/2\r\n\r\n",
        ] {
            assert!(parsed(head).is_err(), "{head}");
        }
    }
}
