//! The command line with containers: a command tried, a fault fixed and proved, a sandbox listed and ended.

use bodkin_tests::Scene;
use bodkin_tests::podman::{IMAGE, Podman};

const FILES: &str = "
=== calc.py
def add(a, b):
    return a - b
=== test_calc.py
import unittest

from calc import add


class Add(unittest.TestCase):
    def test_adds(self):
        self.assertEqual(add(1, 2), 3)
";

fn scene() -> Scene {
    let scene = Scene::new(FILES);
    scene.settings(&format!("[sandbox]\nbackend = \"container\"\nimage = \"{IMAGE}\"\n"));
    scene
}

fn engine(podman: &Podman) -> String {
    format!("unix://{}", podman.socket().display())
}

#[test]
fn a_command_is_tried_in_a_container_and_its_changes_are_shown() {
    let Some(podman) = Podman::get("a command in a container") else { return };
    let scene = scene();
    let before = scene.tree();
    let line = "echo said; echo '# more' >> calc.py; exit 3";
    let call = scene.bodkin(&["sandbox", "run", "--json", "--", "sh", "-c", line]);
    let said = call.env("DOCKER_HOST", &engine(podman)).run();
    assert_eq!(said.code, Some(3), "{}", said.shown());
    let payload = &said.envelope("sandbox-run")["payload"];
    assert_eq!(payload["output"], "said\n", "{payload:#}");
    assert_eq!(payload["changes"][0]["path"], "calc.py", "{payload:#}");
    assert!(payload["isolation"]["backend"].as_str().unwrap().starts_with("container"), "{payload:#}");
    assert!(scene.tree() == before);
}

#[test]
fn a_fault_is_fixed_and_proved_in_containers() {
    let Some(podman) = Podman::get("a fix in containers") else { return };
    let scene = scene();
    let call = scene.bodkin(&["fix", "calc.py:2", "--apply", "--json", "--test", "python3 -m unittest"]);
    let said = call.env("DOCKER_HOST", &engine(podman)).run();
    assert_eq!(said.code, Some(0), "{}", said.shown());
    let payload = &said.envelope("fix")["payload"];
    assert_eq!(payload["outcome"], "proved", "{payload:#}");
    let walls = &payload["offer"]["proof"]["isolation"];
    assert!(walls["backend"].as_str().unwrap().starts_with("container"), "{walls:#}");
    assert!(scene.text("calc.py").contains("a + b"));
}

#[test]
fn without_an_engine_the_next_step_is_told() {
    let scene = scene();
    let said = scene
        .bodkin(&["sandbox", "run", "--", "true"])
        .env("DOCKER_HOST", "unix:///nonexistent/engine.sock")
        .run();
    assert_eq!(said.code, Some(5), "{}", said.shown());
    assert!(said.stderr.contains("/nonexistent/engine.sock"), "{}", said.shown());
}
