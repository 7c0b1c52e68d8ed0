//! A sandbox of the daemon's as a cage: `bodkin sandboxd` as it is shipped, reached through its sockets alone.
//!
//! What a visit may take is the daemon's to say, so that the attempts on limits are the local session's.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use bodkin_guard::report::{Exit, Stop};
use serde_json::{Value, json};

use crate::battery::{Cage, Ground, Kind, Said, Visit};
use crate::daemon::Daemon;

crate::battery::all_but_limits!(crate::sandboxd::Served);

/// The folder inside that stands for the workspace.
const WORKSPACE: &str = "/home/user/ws";

/// One daemon, one sandbox, one command.
pub(crate) struct Served;

/// A sandbox of a daemon's.
struct Guest<'a> {
    daemon: &'a Daemon,
    id: String,
    token: String,
}

impl Guest<'_> {
    fn upload(&self, path: &str, content: &[u8]) {
        let mut stream = TcpStream::connect(self.daemon.address).unwrap();
        let head = format!(
            "POST /files?path={path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nE2b-Sandbox-Id: {}\r\n\
             X-Access-Token: {}\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n",
            self.id,
            self.token,
            content.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(content).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    }

    fn exec(&self, command: &Value, seconds: u64) -> Value {
        let body = json!({"command": command, "timeout": seconds, "cwd": WORKSPACE});
        let done = self.daemon.ask("POST", &format!("/sandbox/{}/exec", self.id), &body);
        assert_eq!(done.status, 200, "{}", done.body);
        done.body
    }

    /// Puts the files and links of a folder into the workspace, programs as programs.
    fn fill(&self, folder: &Path, below: &str) {
        let mut line = "true".to_owned();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{below}{}", path.file_name().unwrap().to_str().unwrap());
            let about = fs::symlink_metadata(&path).unwrap();
            if about.is_dir() {
                self.fill(&path, &format!("{name}/"));
            } else if about.is_symlink() {
                line.push_str(&format!("; ln -s '{}' '{name}'", fs::read_link(&path).unwrap().display()));
            } else if about.is_file() {
                self.upload(&format!("{WORKSPACE}/{name}"), &fs::read(&path).unwrap());
                if about.permissions().mode() & 0o111 != 0 {
                    line.push_str(&format!("; chmod +x '{name}'"));
                }
            }
        }
        assert_eq!(self.exec(&json!(line), 60)["exit_code"], 0);
    }
}

impl Cage for Served {
    fn kind(&self) -> Kind {
        Kind::Daemon
    }

    fn missing(&self) -> Vec<String> {
        Vec::new()
    }

    fn run(&self, ground: &Ground, visit: &Visit) -> Said {
        let daemon = Daemon::start();
        let env: &BTreeMap<String, String> = &visit.env;
        let made =
            daemon.ask("POST", "/sandboxes", &json!({"templateID": "base", "timeout": 300, "envVars": env}));
        assert_eq!(made.status, 201, "{}", made.body);
        let word = |name: &str| made.body[name].as_str().unwrap_or_default().to_owned();
        let guest = Guest { daemon: &daemon, id: word("sandboxID"), token: word("envdAccessToken") };
        guest.fill(&ground.workspace(), "");
        let done = guest.exec(&json!(visit.told()), visit.limits.wall_ms / 1000);
        let exit = match (&done["timed_out"], done["exit_code"].as_i64().unwrap()) {
            (Value::Bool(true), _) => Exit::Stopped(Stop::WallTime),
            (_, code) => Exit::Code(i32::try_from(code).unwrap()),
        };
        let text = |name: &str| done[name].as_str().unwrap().as_bytes().to_vec();
        let said = Said::new(&text("stdout"), &text("stderr"), exit);
        let gone = daemon.ask("DELETE", &format!("/sandboxes/{}", guest.id), &json!({}));
        assert_eq!(gone.status, 204, "{}", gone.body);
        said
    }
}
