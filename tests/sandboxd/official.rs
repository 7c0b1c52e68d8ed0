//! The official clients: PyPI's `e2b` 2.20.0 and 2.63.0, synchronous and asynchronous, and npm's; by addresses in
//! variables, and by a domain with TLS.

use bodkin_tests::{Said, Scene, binary, clients};

use crate::daemon::{DOMAIN, Daemon};
use crate::wire;

/// How a client finds the daemon.
pub(crate) type Way = Vec<(&'static str, String)>;

/// Addresses in variables.
pub(crate) fn by_address(address: std::net::SocketAddr, key: &str) -> Way {
    let url = format!("http://{address}");
    vec![("E2B_API_URL", url.clone()), ("E2B_SANDBOX_URL", url), ("E2B_API_KEY", key.to_owned())]
}

/// A domain with TLS, whose names a proxy leads to the daemon.
fn by_domain(daemon: &Daemon) -> Way {
    let authority = daemon.authority().display().to_string();
    vec![
        ("E2B_DOMAIN", format!("{DOMAIN}:{}", daemon.address.port())),
        ("SSL_CERT_FILE", authority.clone()),
        ("NODE_EXTRA_CA_CERTS", authority),
        ("SCENARIO_PROXY", format!("http://{}", wire::proxy(daemon.address))),
        ("E2B_API_KEY", daemon.key.clone()),
    ]
}

/// Runs a script of the Python clients; `None` where that client is not set up.
pub(crate) fn python(version: &str, script: &str, way: &Way) -> Option<Said> {
    let program = clients::python(version)?;
    let script = binary::repository().join("tests/sandboxd/clients/python").join(script);
    let scene = Scene::empty();
    let call = scene.call(&program, &[&script.display().to_string()]);
    let call = call.env("SCENARIO_VERSION", version).env("PYTHONDONTWRITEBYTECODE", "1");
    Some(way.iter().fold(call, |call, (name, value)| call.env(name, value)).run())
}

/// Runs the script of the JavaScript client; `None` where it is not set up.
pub(crate) fn node(way: &Way) -> Option<Said> {
    let folder = clients::node()?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let program = std::env::split_paths(&path).map(|it| it.join("node")).find(|it| it.is_file())?;
    let scene = Scene::empty();
    std::os::unix::fs::symlink(folder.join("node_modules"), scene.path("node_modules")).unwrap();
    let script = binary::repository().join("tests/sandboxd/clients/js/client.mjs");
    scene.write("client.mjs", std::fs::read(script).unwrap());
    let call = scene.call(&program, &["client.mjs"]);
    Some(way.iter().fold(call, |call, (name, value)| call.env(name, value)).run())
}

/// Every scene of a script went well, and there were some.
fn check(said: Option<Said>, scenes: usize) {
    let Some(said) = said else { return };
    let went_well = said.stdout.lines().filter(|line| line.starts_with("ok ")).count();
    assert_eq!((said.code, went_well), (Some(0), scenes), "{}\n{}", said.stdout, said.stderr);
}

const SYNC: usize = 12;
const ASYNC: usize = 7;
const NODE: usize = 10;

#[test]
fn the_python_client_drives_the_daemon_by_its_address() {
    let daemon = Daemon::start();
    check(python("2.63.0", "sync.py", &by_address(daemon.address, &daemon.key)), SYNC);
}

#[test]
fn the_asynchronous_python_client_drives_the_daemon_by_its_address() {
    let daemon = Daemon::start();
    check(python("2.63.0", "async_.py", &by_address(daemon.address, &daemon.key)), ASYNC);
}

#[test]
fn the_older_python_client_drives_the_daemon_by_its_address() {
    let daemon = Daemon::start();
    let way = by_address(daemon.address, &daemon.key);
    check(python("2.20.0", "sync.py", &way), SYNC);
    check(python("2.20.0", "async_.py", &way), ASYNC);
}

#[test]
fn the_javascript_client_drives_the_daemon_by_its_address() {
    let daemon = Daemon::start();
    check(node(&by_address(daemon.address, &daemon.key)), NODE);
}

#[test]
fn the_python_clients_drive_the_daemon_by_a_domain_with_tls() {
    let Some(daemon) = Daemon::with_tls() else { return };
    let way = by_domain(&daemon);
    check(python("2.63.0", "sync.py", &way), SYNC);
    check(python("2.63.0", "async_.py", &way), ASYNC);
    check(python("2.20.0", "sync.py", &way), SYNC);
}

#[test]
fn the_javascript_client_drives_the_daemon_by_a_domain_with_tls() {
    let Some(daemon) = Daemon::with_tls() else { return };
    check(node(&by_domain(&daemon)), NODE);
}
