//! How the daemon refuses to start, and what it says then.

use std::os::unix::fs::PermissionsExt;

use bodkin_tests::Scene;

use crate::daemon::Daemon;

#[test]
fn without_a_key_file_it_says_how_to_make_one() {
    let said = Scene::empty().bodkin(&["sandboxd", "--listen", "127.0.0.1:0"]).run();
    assert_eq!(said.code, Some(5), "{}", said.stderr);
    assert!(said.stderr.contains("bodkin sandboxd --new-key NAME"), "{}", said.stderr);
}

#[test]
fn a_new_key_is_printed_once_and_only_its_hash_is_kept() {
    let scene = Scene::empty();
    let said = scene.bodkin(&["sandboxd", "--new-key", "ci"]).run();
    let key = said.stdout.lines().next().unwrap();
    let file = scene.dir().join("config/bodkin/sandboxd.keys");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(key.starts_with("bsk_") && !text.contains(key), "{text}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let again = scene.bodkin(&["sandboxd", "--new-key", "ci"]).run();
    assert_eq!(again.code, Some(2), "{}", again.stderr);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn a_key_file_that_others_can_read_is_not_used() {
    let scene = Scene::empty();
    scene.bodkin(&["sandboxd", "--new-key", "ci"]).run();
    let file = scene.dir().join("config/bodkin/sandboxd.keys");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    let said = scene.bodkin(&["sandboxd", "--listen", "127.0.0.1:0"]).run();
    assert_eq!(said.code, Some(2), "{}", said.stderr);
    assert!(said.stderr.contains("chmod 600"), "{}", said.stderr);
}

#[test]
fn an_address_that_others_reach_is_not_served_in_the_clear_by_accident() {
    let scene = Scene::empty();
    scene.bodkin(&["sandboxd", "--new-key", "ci"]).run();
    let said = scene.bodkin(&["sandboxd", "--listen", "0.0.0.0:0"]).run();
    assert_eq!(said.code, Some(2), "{}", said.stderr);
    assert!(said.stderr.contains("--tls-cert") && said.stderr.contains("--allow-plain"), "{}", said.stderr);
}

#[test]
fn two_daemons_do_not_share_a_state() {
    let daemon = Daemon::start();
    let said = daemon.scene.bodkin(&["sandboxd", "--listen", "127.0.0.1:0"]).run();
    assert_eq!(said.code, Some(5), "{}", said.stderr);
    assert!(said.stderr.contains("another daemon"), "{}", said.stderr);
}
