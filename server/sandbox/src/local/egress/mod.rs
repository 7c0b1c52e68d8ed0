//! The one way out of a sandbox: a proxy on the host that connects to agreed hosts and to nothing else.
//!
//! The helper listens inside, on the loopback interface of the sandbox's own network namespace, and hands the
//! listening socket out; connections are taken up here, outside, so nothing inside has to be trusted with them.
//! Speaks HTTP's `CONNECT` (RFC 9110, 9.3.6) and requests in absolute form (RFC 9112, 3.2.2), which is what
//! package managers know as `HTTPS_PROXY` and `HTTP_PROXY`.
//! invariant: network-off-unless-permitted

mod allowed;
mod exchange;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rustix::event::{PollFd, PollFlags, poll};

use allowed::Allowed;

/// Where the proxy stands inside.
pub(crate) const PORT: u16 = 3128;

/// Connections at once; more have to wait.
const CONNECTIONS: usize = 64;

/// How many refused hosts are remembered.
const REFUSED: usize = 100;

/// A way out for one sandbox; gone when dropped, with all its connections.
#[derive(Debug)]
pub(super) struct Egress {
    line: UnixStream,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
pub(super) struct Shared {
    allowed: Allowed,
    refused: Mutex<BTreeSet<String>>,
    open: Mutex<BTreeMap<u64, [Option<TcpStream>; 2]>>,
}

impl Egress {
    /// A way out to `hosts`, and the end that the helper is to get.
    pub(super) fn to(hosts: &BTreeSet<String>) -> io::Result<(Self, OwnedFd)> {
        let (line, theirs) = UnixStream::pair()?;
        let shared = Arc::new(Shared {
            allowed: Allowed::new(hosts),
            refused: Mutex::default(),
            open: Mutex::default(),
        });
        let (ours, known) = (line.try_clone()?, Arc::clone(&shared));
        let thread =
            std::thread::Builder::new().name("egress".to_owned()).spawn(move || serve(&ours, &known))?;
        Ok((Self { line, shared, thread: Some(thread) }, theirs.into()))
    }

    /// Hosts that were asked for and not allowed.
    pub(super) fn refused(&self) -> Vec<String> {
        self.shared.refused.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Drop for Egress {
    fn drop(&mut self) {
        let _ = self.line.shutdown(Shutdown::Both);
        self.shared.close_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn refuse(&self, host: &str) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() < REFUSED {
            refused.insert(host.chars().take(300).collect());
        }
    }

    fn close_all(&self) {
        for stream in self.open.lock().unwrap_or_else(PoisonError::into_inner).values().flatten().flatten() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn with_open<T>(&self, act: impl FnOnce(&mut BTreeMap<u64, [Option<TcpStream>; 2]>) -> T) -> T {
        act(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Takes up connections until the sandbox is over: then nobody holds the other end of the line.
fn serve(line: &UnixStream, shared: &Arc<Shared>) {
    let Some(listener) = receive(line).filter(|it| it.set_nonblocking(true).is_ok()) else { return };
    let mut number = 0;
    while has_caller(&listener, line) {
        let Ok((inside, _)) = listener.accept() else { continue };
        if shared.with_open(|open| open.len()) >= CONNECTIONS {
            continue;
        }
        number += 1;
        let known = Arc::clone(shared);
        let _ = inside.set_nonblocking(false);
        let kept = inside.try_clone().ok();
        shared.with_open(|open| open.insert(number, [kept, None]));
        let spawned = std::thread::Builder::new().name("egress".to_owned()).spawn(move || {
            exchange::serve(inside, &known.allowed, &mut |host| known.refuse(host), &mut |outside| {
                let kept = outside.try_clone().ok();
                known.with_open(|open| open.get_mut(&number).map(|streams| streams[1] = kept)).is_some()
            });
            known.with_open(|open| open.remove(&number));
        });
        if spawned.is_err() {
            shared.with_open(|open| open.remove(&number));
        }
    }
    shared.close_all();
}

/// Waits for a caller; `false` when the sandbox is over.
fn has_caller(listener: &TcpListener, line: &UnixStream) -> bool {
    loop {
        let mut waited =
            [listener.as_fd(), line.as_fd()].map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN));
        match poll(&mut waited, None) {
            Ok(_) => {
                let [listener, line] = waited.map(|it| !it.revents().is_empty());
                return !line && listener;
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

/// The listening socket that the helper made inside.
fn receive(line: &UnixStream) -> Option<TcpListener> {
    use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
    let mut byte = [0; 1];
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut extra = RecvAncillaryBuffer::new(&mut space);
    recvmsg(line, &mut [io::IoSliceMut::new(&mut byte)], &mut extra, RecvFlags::CMSG_CLOEXEC).ok()?;
    let first = extra.drain().find_map(|message| {
        if let RecvAncillaryMessage::ScmRights(mut descriptors) = message { descriptors.next() } else { None }
    });
    first.map(TcpListener::from)
}

/// Listens inside, and hands the socket to the launcher. For the helper, when the loopback interface is up.
pub(crate) fn listen_for(line: BorrowedFd<'_>) -> io::Result<()> {
    use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
    let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, PORT))?;
    let descriptors = [listener.as_fd()];
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut extra = SendAncillaryBuffer::new(&mut space);
    extra.push(SendAncillaryMessage::ScmRights(&descriptors));
    sendmsg(line, &[io::IoSlice::new(b"+")], &mut extra, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// The variables by which programs find the proxy.
pub(crate) fn variables() -> impl Iterator<Item = (&'static str, String)> {
    let proxy = format!("http://127.0.0.1:{PORT}");
    let java =
        ["http", "https"].map(|it| format!("-D{it}.proxyHost=127.0.0.1 -D{it}.proxyPort={PORT}")).join(" ");
    let local = "localhost,127.0.0.1,::1".to_owned();
    [
        ("HTTP_PROXY", proxy.clone()),
        ("HTTPS_PROXY", proxy.clone()),
        ("http_proxy", proxy.clone()),
        ("https_proxy", proxy.clone()),
        ("CARGO_HTTP_PROXY", proxy.clone()),
        ("npm_config_proxy", proxy.clone()),
        ("npm_config_https_proxy", proxy),
        ("JAVA_TOOL_OPTIONS", java),
        ("NO_PROXY", local.clone()),
        ("no_proxy", local),
    ]
    .into_iter()
}
