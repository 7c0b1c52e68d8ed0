//! The ways in which a conversation ends.

use std::fs;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Instant;

use serde_json::{Value, json};

use super::{DEADLINE, Editor};

impl Editor {
    /// From now on the editor does not read what the server says.
    pub fn stop_reading(&self) {
        self.gate.set_closed(true);
    }

    /// It reads again.
    pub fn read_on(&self) {
        self.gate.set_closed(false);
    }

    /// What the server holds in memory now. Linux.
    pub fn memory_kib(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it runs");
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Kills the server, as the system would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Says goodbye as the protocol wants it; the exit code.
    pub fn quit(mut self) -> i32 {
        self.request("shutdown", Value::Null);
        self.send(json!({"method": "exit"}));
        self.exit_code()
    }

    /// Closes the server's input without a word; the exit code.
    pub fn hang_up(&mut self) -> i32 {
        self.to = None;
        self.exit_code()
    }

    fn exit_code(&mut self) -> i32 {
        let deadline = Instant::now() + DEADLINE;
        loop {
            match self.messages.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return self.child.wait().unwrap().code().unwrap_or(-1);
                }
                Err(RecvTimeoutError::Timeout) => panic!("the server does not end"),
            }
        }
    }
}
