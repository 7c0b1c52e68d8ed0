//! The scenarios can fail: against a server that knows nothing, not one of their scenes goes well.

use bodkin_tests::Said;

use crate::official::{by_address, node, python};
use crate::wire::parrot;

fn check(said: Option<Said>) {
    let Some(said) = said else { return };
    assert!(said.code != Some(0), "{}", said.stdout);
    assert!(!said.stdout.lines().any(|line| line.starts_with("ok ")), "{}", said.stdout);
    assert!(said.stdout.contains("FAILED"), "{}\n{}", said.stdout, said.stderr);
}

const NOTHING: &str = r#"{"code": 404, "message": "nothing is here"}"#;

#[test]
fn no_scene_of_the_python_clients_goes_well_against_a_server_that_knows_nothing() {
    let way = by_address(parrot(404, NOTHING), "key");
    check(python("2.63.0", "sync.py", &way));
    check(python("2.63.0", "async_.py", &way));
    check(python("2.20.0", "sync.py", &way));
}

#[test]
fn no_scene_of_the_javascript_client_goes_well_against_a_server_that_knows_nothing() {
    check(node(&by_address(parrot(404, NOTHING), "key")));
}
