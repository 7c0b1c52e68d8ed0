//! A terminal that a program believes in: what it draws is read, what is typed is written.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::running::{Call, deadline, wait};

/// A program on a terminal of its own, all three streams.
#[derive(Debug)]
pub struct Terminal {
    child: Child,
    keys: File,
    heard: Receiver<Vec<u8>>,
    drawn: Vec<u8>,
    deadline: Instant,
}

impl Terminal {
    /// Starts a call on a terminal.
    pub fn start(call: &Call) -> Self {
        let keys = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&keys).unwrap();
        unlockpt(&keys).unwrap();
        let name = ptsname(&keys, Vec::new()).unwrap();
        let name = PathBuf::from(std::ffi::OsString::from_vec(name.into_bytes()));
        let screen = || Stdio::from(OpenOptions::new().read(true).write(true).open(&name).unwrap());
        let mut command = call.command();
        command.env("TERM", "xterm").stdin(screen()).stdout(screen()).stderr(screen());
        let child = command.spawn().unwrap_or_else(|error| panic!("{call:?} does not start: {error}"));
        // The program alone holds the screen now, so that reading ends with it.
        drop(command);
        let keys = File::from(keys);
        let mut reader = keys.try_clone().unwrap();
        let (sender, heard) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                let _ = sender.send(buffer.iter().take(count).copied().collect());
            }
        });
        Self { child, keys, heard, drawn: Vec::new(), deadline: deadline() }
    }

    /// Waits until `text` was drawn.
    pub fn see(&mut self, text: &str) {
        while !self.drawn().contains(text) {
            assert!(self.listen(), "it ended without drawing {text:?}:\n{}", self.drawn());
        }
    }

    /// Types a line.
    pub fn enter(&mut self, line: &str) {
        self.keys.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the program is under way");
    }

    /// Waits for the end; gives the exit code and everything that was drawn, control codes and all.
    pub fn end(mut self) -> (Option<i32>, String) {
        while self.listen() {}
        let status = wait(&mut self.child, self.deadline);
        (status.code(), self.drawn())
    }

    fn drawn(&self) -> String {
        String::from_utf8_lossy(&self.drawn).replace("\r\n", "\n")
    }

    fn listen(&mut self) -> bool {
        let left = self.deadline.saturating_duration_since(Instant::now());
        match self.heard.recv_timeout(left) {
            Ok(bytes) => {
                self.drawn.extend(bytes);
                true
            }
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => false,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                let _ = self.child.kill();
                panic!("it took too long and was killed:\n{}", self.drawn());
            }
        }
    }
}
