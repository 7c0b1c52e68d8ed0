//! The way out of a sandbox: agreed hosts are reached, nothing else is. The attempts are real programs, the hosts real
//! servers of this machine.
//! invariant: network-off-unless-permitted
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod kit;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bodkin_guard::action::Network;
use bodkin_guard::report::Exit;
use bodkin_sandbox::{Force, Launch};
use kit::Scene;

/// A web server of this machine that counts who came.
struct Site {
    port: u16,
    callers: Arc<AtomicUsize>,
}

impl Site {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let callers = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&callers);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                seen.fetch_add(1, Ordering::SeqCst);
                let mut head = [0; 4096];
                let count = stream.read(&mut head).unwrap_or(0);
                let line = String::from_utf8_lossy(head.get(..count).unwrap())
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{line}",
                    line.len()
                );
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self { port, callers }
    }

    fn callers(&self) -> usize {
        self.callers.load(Ordering::SeqCst)
    }
}

const FETCH: &str = "
import sys, urllib.request, urllib.error
for address in sys.argv[1:]:
    try: print(urllib.request.urlopen(address, timeout=10).read().decode())
    except urllib.error.HTTPError as e: print(e.code, e.read().decode().strip())
    except Exception as e: print(type(e).__name__)
";

/// Fetches addresses from inside by way of the proxy, which this machine's own names would otherwise pass by.
fn fetch(scene: &Scene, hosts: &[String], addresses: &[String]) -> kit::Output {
    let mut words = vec!["python3".to_owned(), "-c".to_owned(), FETCH.to_owned()];
    words.extend(addresses.iter().cloned());
    let mut launch = Launch::new(scene.workspace(), words);
    launch.network = Network::Hosts(hosts.iter().cloned().collect());
    launch.env.insert("no_proxy".to_owned(), String::new());
    launch.env.insert("NO_PROXY".to_owned(), String::new());
    scene.run(launch)
}

#[test]
fn an_agreed_host_is_reached_and_another_is_refused_by_name() {
    let (agreed, other) = (Site::new(), Site::new());
    let scene = Scene::new(&[]);
    let output = fetch(
        &scene,
        &[format!("localhost:{}", agreed.port)],
        &[format!("http://localhost:{}/x?y", agreed.port), format!("http://localhost:{}/", other.port)],
    );
    assert_eq!(output.ended.exit, Exit::Code(0), "{}", output.stderr);
    let refusal = format!(
        "403 bodkin: localhost:{} is not among the hosts that this command may reach (localhost:{}); name it with --net",
        other.port, agreed.port
    );
    assert_eq!(output.stdout.lines().collect::<Vec<_>>(), ["GET /x?y HTTP/1.1", &refusal]);
    assert_eq!((agreed.callers(), other.callers()), (1, 0));
    assert_eq!(output.ended.refused_hosts, [format!("localhost:{}", other.port)]);
}

#[test]
fn a_tunnel_leads_to_an_agreed_host_alone() {
    let (agreed, other) = (Site::new(), Site::new());
    let scene = Scene::new(&[]);
    let program = format!(
        "
import socket
for port in ({}, {}):
    s = socket.create_connection(('127.0.0.1', 3128))
    s.sendall(b'CONNECT localhost:%d HTTP/1.1\\r\\n\\r\\n' % port)
    head = s.recv(4096)
    print(head.split(b'\\r\\n')[0].decode())
    if b' 200 ' in head:
        s.sendall(b'GET /through HTTP/1.1\\r\\n\\r\\n'); print(s.recv(4096).split(b'\\r\\n\\r\\n')[1].decode())
",
        agreed.port, other.port
    );
    let mut launch = Launch::new(scene.workspace(), ["python3", "-c", &program]);
    launch.network = Network::Hosts([format!("localhost:{}", agreed.port)].into());
    let output = scene.run(launch);
    assert_eq!(
        output.stdout.lines().collect::<Vec<_>>(),
        ["HTTP/1.1 200 Connection established", "GET /through HTTP/1.1", "HTTP/1.1 403 Forbidden"],
        "{}",
        output.stderr
    );
    assert_eq!((agreed.callers(), other.callers()), (1, 0));
}

#[test]
fn a_name_that_leads_to_this_machine_opens_nothing_here() {
    let site = Site::new();
    let scene = Scene::new(&[]);
    // The resolver maps every name below `localhost` to this machine, as a hostile name server could any name.
    let name = format!("evil.localhost:{}", site.port);
    let output = fetch(&scene, std::slice::from_ref(&name), &[format!("http://{name}/")]);
    assert!(!output.stdout.contains("GET /"), "{}", output.stdout);
    assert!(output.stdout.starts_with("403 ") || output.stdout.starts_with("502 "), "{}", output.stdout);
    assert_eq!(site.callers(), 0);
}

#[test]
fn nothing_is_reached_past_the_proxy() {
    let site = Site::new();
    let scene = Scene::new(&[]);
    let line = format!("import socket; socket.create_connection(('127.0.0.1', {}), 5)", site.port);
    let mut launch = Launch::new(scene.workspace(), ["python3", "-c", &line]);
    launch.network = Network::Hosts([format!("localhost:{}", site.port)].into());
    let output = scene.run(launch);
    assert!(output.stderr.contains("ConnectionRefusedError"), "{}", output.stderr);
    assert_eq!(site.callers(), 0);
}

#[test]
fn without_hosts_there_is_no_proxy() {
    let scene = Scene::new(&[]);
    let line = "import os, socket; print([n for n in os.environ if 'proxy' in n.lower()]); socket.create_connection(('127.0.0.1', 3128), 5)";
    let output = scene.run(Launch::new(scene.workspace(), ["python3", "-c", line]));
    assert_eq!(output.stdout, "[]\n");
    assert!(output.stderr.contains("ConnectionRefusedError"), "{}", output.stderr);
}

#[test]
fn a_reduced_sandbox_refuses_to_let_single_hosts_through() {
    let scene = Scene::with(&[], Some(Force::Reduced));
    let mut launch = scene.shell("true");
    launch.network = Network::Hosts(["pypi.org".to_owned()].into());
    let error = scene.sandbox.launch(launch).unwrap_err().to_string();
    assert!(error.contains("only where the network can be cut off"), "{error}");
}
