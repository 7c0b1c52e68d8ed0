//! The daemon in a scene of its own: a key, a port, and TLS where a test wants it.

use std::net::SocketAddr;
use std::ops::Deref;
use std::path::PathBuf;

use bodkin_tests::{Running, Scene};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::wire::{Answer, ask};

/// The name below which sandboxes have hosts in the tests with TLS.
pub(crate) const DOMAIN: &str = "box.test";

/// Where a daemon is asked, and with which key.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    pub(crate) key: String,
    pub(crate) address: SocketAddr,
}

/// A daemon that does not outlive its test.
pub(crate) struct Daemon {
    pub(crate) scene: Scene,
    pub(crate) door: Door,
    pub(crate) running: Option<Running>,
    id: Pid,
}

impl Deref for Daemon {
    type Target = Door;

    fn deref(&self) -> &Door {
        &self.door
    }
}

impl Daemon {
    pub(crate) fn start() -> Self {
        Self::with(Scene::empty(), &[])
    }

    /// With TLS and a domain; `None`, with a sentence on standard error, where `openssl` is not there.
    pub(crate) fn with_tls() -> Option<Self> {
        let scene = Scene::empty();
        let made = make_certificates(&scene);
        if !made {
            eprintln!("skipped: a test with TLS: this machine has no `openssl`");
            return None;
        }
        let words = ["--tls-cert", "cert.pem", "--tls-key", "key.pem", "--domain", DOMAIN];
        Some(Self::with(scene, &words))
    }

    pub(crate) fn with(scene: Scene, more: &[&str]) -> Self {
        let made = scene.bodkin(&["sandboxd", "--new-key", "tests"]).run();
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        let key = made.stdout.lines().next().unwrap().to_owned();
        let (running, address) = listening(&scene, more);
        Self { id: running.id(), scene, door: Door { key, address }, running: Some(running) }
    }

    /// Starts it again over what it left behind.
    pub(crate) fn start_again(&mut self) {
        let (running, address) = listening(&self.scene, &[]);
        (self.id, self.door.address, self.running) = (running.id(), address, Some(running));
    }

    /// The certificate's authority, where there is TLS.
    pub(crate) fn authority(&self) -> PathBuf {
        self.scene.path("ca.pem")
    }
}

impl Door {
    /// A request of the control plane.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        let headers = [("X-API-Key", self.key.as_str()), ("Content-Type", "application/json")];
        ask(self.address, method, path, &headers, &body.to_string()).unwrap()
    }

    pub(crate) fn create(&self) -> String {
        let made = self.ask("POST", "/sandbox/create", &json!({"timeout": 600}));
        assert_eq!(made.status, 201, "{}", made.body);
        made.body["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn exec(&self, id: &str, line: &str) -> Value {
        let done = self.ask("POST", &format!("/sandbox/{id}/exec"), &json!({"command": line, "timeout": 60}));
        assert_eq!(done.status, 200, "{}", done.body);
        done.body
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if self.running.is_some() {
            let _ = kill_process(self.id, Signal::KILL);
        }
    }
}

/// Starts the daemon of a scene that has its keys.
fn listening(scene: &Scene, more: &[&str]) -> (Running, SocketAddr) {
    let mut words = vec!["sandboxd", "--listen", "127.0.0.1:0"];
    words.extend_from_slice(more);
    let mut running = scene.bodkin(&words).start();
    running.hear_output("listening on ");
    running.hear_output("\n");
    let printed = running.printed();
    let address = printed.trim().rsplit_once("//").unwrap().1.parse().unwrap();
    (running, address)
}

/// An authority and a certificate of it for the domain.
fn make_certificates(scene: &Scene) -> bool {
    scene.write(
        "leaf.cnf",
        format!("subjectAltName=DNS:{DOMAIN},DNS:*.{DOMAIN}\nbasicConstraints=CA:FALSE\n"),
    );
    let has = |program: &str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).map(|it| it.join(program)).find(|it| it.is_file())
    };
    let Some(openssl) = has("openssl") else { return false };
    let new = ["-newkey", "rsa:2048", "-nodes"];
    let authority =
        ["req", "-x509", "-days", "30", "-subj", "/CN=tests", "-keyout", "ca-key.pem", "-out", "ca.pem"];
    let request = ["req", "-subj", "/CN=box.test", "-keyout", "key.pem", "-out", "leaf.csr"];
    let sign = ["x509", "-req", "-in", "leaf.csr", "-days", "30", "-CA", "ca.pem", "-CAkey", "ca-key.pem"];
    let rest = ["-CAcreateserial", "-extfile", "leaf.cnf", "-out", "cert.pem"];
    for words in [[&authority[..], &new].concat(), [&request[..], &new].concat(), [&sign[..], &rest].concat()]
    {
        let done = scene.call(&openssl, &words).run();
        assert_eq!(done.code, Some(0), "{}", done.stderr);
    }
    true
}
