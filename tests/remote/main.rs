//! The remote backend against the real `bodkin sandboxd`, and against endpoints that fail or lie.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "test code drives real processes on a real disk, and fails by panicking"
)]

mod faults;
mod runs;
mod sessions;

use bodkin_remote::RemoteOptions;
use bodkin_tests::{Running, Scene};
use rustix::process::{Pid, Signal, kill_process};

/// A daemon that does not outlive its test.
struct Daemon {
    scene: Scene,
    url: String,
    key: String,
    id: Pid,
    _running: Running,
}

impl Daemon {
    fn start() -> Self {
        let scene = Scene::empty();
        let made = scene.bodkin(&["sandboxd", "--new-key", "tests"]).run();
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        let key = made.stdout.lines().next().unwrap().to_owned();
        let mut running = scene.bodkin(&["sandboxd", "--listen", "127.0.0.1:0"]).start();
        running.hear_output("listening on ");
        running.hear_output("\n");
        let url = running.printed().trim().rsplit_once(' ').unwrap().1.to_owned();
        Self { scene, url, key, id: running.id(), _running: running }
    }

    fn options(&self) -> RemoteOptions {
        RemoteOptions::at(&self.url, self.key.as_str())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = kill_process(self.id, Signal::KILL);
    }
}
