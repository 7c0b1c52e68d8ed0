//! The network is off, and sockets of the host are out of reach.

use std::io::ErrorKind;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};

use super::{Cage, Ground};

/// Attempt 14: a server of this machine, by every address that it has; TCP, TCP with data at once, UDP, IPv6.
pub(crate) fn programs_of_the_host_can_not_be_reached(cage: &impl Cage) {
    let ground = Ground::new();
    let server = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let datagrams = UdpSocket::bind(("0.0.0.0", port)).unwrap();
    server.set_nonblocking(true).unwrap();
    datagrams.set_nonblocking(true).unwrap();
    let heard = || {
        let connections = std::iter::from_fn(|| server.accept().ok()).count();
        connections + std::iter::from_fn(|| datagrams.recv(&mut [0; 8]).ok()).count()
    };
    let port = port.to_string();
    let arguments = ["network", "host", &port, "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.2.2", "172.17.0.1"];
    ground.outside(&arguments);
    assert!(heard() >= 6, "the control is heard");
    let said = cage.attack(&ground, &arguments);
    let heard = heard();
    assert!(heard == 0 || cage.admits("network"), "network-off-unless-permitted: {heard} heard of {said:?}");
}

/// Attempts 14 and 15: other machines, name servers, the metadata service of clouds. The control is the socket
/// itself: outside it can be made and asked, whether an answer comes or not depends on the machine.
pub(crate) fn nothing_leaves_the_machine(cage: &impl Cage) {
    let ground = Ground::new();
    let control = ground.outside(&["network", "away"]);
    let said = cage.attack(&ground, &["network", "away"]);
    assert_eq!(said.outcomes().len(), control.outcomes().len());
    assert!(said.successes().is_empty() || cage.admits("network"), "network-off-unless-permitted: {said:?}");
    // Refused at once for want of a way, not for want of an answer.
    assert!(!said.stdout.contains("ETIMEDOUT") || cage.admits("network"), "{said:?}");
}

/// Attempts 17 and 18: sockets with a path, one of them in the workspace, and one with a hidden name.
pub(crate) fn sockets_of_the_host_can_not_be_reached(cage: &impl Cage) {
    let ground = Ground::new();
    let hidden = format!("bodkin-{}", ground.name());
    let paths = [ground.path("ws/socket"), ground.path("control/socket"), ground.path("home/agent")];
    let listeners: Vec<UnixListener> = paths
        .iter()
        .map(|path| UnixListener::bind(path).unwrap())
        .chain([UnixListener::bind_addr(&SocketAddr::from_abstract_name(&hidden).unwrap()).unwrap()])
        .collect();
    for listener in &listeners {
        listener.set_nonblocking(true).unwrap();
    }
    let heard =
        || listeners.iter().map(|it| it.accept().map(drop).map_err(|error| error.kind())).collect::<Vec<_>>();
    let arguments = ["network", "sockets", "socket", &ground.text("home/agent"), &format!("@{hidden}")];
    assert_eq!(ground.outside(&arguments).successes().len(), 3);
    assert_eq!(heard().iter().filter(|it| it.is_ok()).count(), 3, "the control is heard");
    let said = cage.attack(&ground, &arguments);
    assert!(heard().iter().all(|it| *it == Err(ErrorKind::WouldBlock)) || cage.admits("socket"), "{said:?}");
}

/// Attempt 19: the control of all these: a server and its client inside.
pub(crate) fn what_is_inside_reaches_itself(cage: &impl Cage) {
    let ground = Ground::new();
    let said = cage.attack(&ground, &["network", "own"]);
    assert!(said.outcome("pair") == "ok", "{said:?}");
    assert!(said.outcome("loopback") == "ok" || !cage.is_whole(), "{said:?}");
}

/// Netlink: the loopback interface stays up. Alone in a room, with privileges, it goes down.
pub(crate) fn interfaces_can_not_be_changed(cage: &impl Cage) {
    let ground = Ground::new();
    assert_eq!(ground.open_room(&["network", "interface"]).outcome("interface down"), "ok");
    assert_ne!(cage.attack(&ground, &["network", "interface"]).outcome("interface down"), "ok");
}
