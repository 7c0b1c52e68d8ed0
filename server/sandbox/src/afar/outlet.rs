//! Between one who reads a process's output from afar and those who listen to it: bounded in what it keeps, and in
//! what the process may say altogether.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bodkin_guard::report::Exit;

use crate::session::speech::Speech;
use crate::session::{Listen, ProcessEvent};

/// What became of bytes that were pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// They are kept for the listeners.
    Kept,
    /// With them the process has said more than it may; they are dropped.
    TooMuch,
    /// It has ended already.
    Closed,
}

/// The output of one process; clones are one and the same.
#[derive(Clone)]
pub struct Outlet(Arc<Shared>);

struct Shared {
    speech: Arc<Speech>,
    bytes: AtomicU64,
    most_bytes: u64,
}

impl Outlet {
    /// For a process that may say so many bytes.
    pub fn new(most_bytes: u64) -> Self {
        Self(Arc::new(Shared { speech: Speech::new(|| {}), bytes: AtomicU64::new(0), most_bytes }))
    }

    /// Gives an event to the listeners; waits while the slowest of them has too much before it, or until the end.
    pub fn push(&self, event: ProcessEvent) -> Pushed {
        let size = match &event {
            ProcessEvent::Stdout(bytes) | ProcessEvent::Stderr(bytes) | ProcessEvent::Terminal(bytes) => {
                bytes.len() as u64
            }
            ProcessEvent::Ended(exit) => {
                self.end(exit.clone());
                return Pushed::Kept;
            }
        };
        if self.0.bytes.fetch_add(size, Ordering::Relaxed).saturating_add(size) > self.0.most_bytes {
            return Pushed::TooMuch;
        }
        if !self.0.speech.wait_for_room() {
            return Pushed::Closed;
        }
        self.0.speech.say(event);
        Pushed::Kept
    }

    /// Tells that it has ended; the first word counts, and whoever pushes goes on.
    pub fn end(&self, exit: Exit) {
        self.0.speech.end(exit);
    }

    /// How it ended.
    pub fn exit(&self) -> Option<Exit> {
        self.0.speech.exit()
    }

    /// Bytes that it has said so far, passed on or not.
    pub fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// Waits until it has ended; `None` when `wait` is over first.
    pub fn wait(&self, wait: Duration) -> Option<Exit> {
        self.0.speech.wait_for_end(wait)
    }

    /// One more who listens.
    pub fn listen(&self) -> Box<dyn Listen> {
        self.0.speech.listen()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    fn out(text: &str) -> ProcessEvent {
        ProcessEvent::Stdout(text.into())
    }

    #[test]
    fn who_listens_late_hears_what_nobody_has_heard_and_then_the_end() {
        let outlet = Outlet::new(100);
        outlet.push(out("a"));
        outlet.end(Exit::Code(3));
        assert_eq!(outlet.wait(SOON), Some(Exit::Code(3)));
        let mut ear = outlet.listen();
        assert_eq!(ear.next(SOON), Some(out("a")));
        assert_eq!(ear.next(SOON), Some(ProcessEvent::Ended(Exit::Code(3))));
        assert_eq!(ear.next(SOON), None);
    }

    #[test]
    fn one_who_pushes_without_a_listener_is_let_go_by_the_end() {
        let outlet = Outlet::new(1 << 30);
        let other = outlet.clone();
        let full = ProcessEvent::Stdout(vec![b'a'; 64 << 10]);
        let pusher = std::thread::spawn(move || {
            let told: Vec<_> = (0..3).map(|_| other.push(full.clone())).collect();
            told.last().copied()
        });
        outlet.end(Exit::Signal(9));
        assert_eq!(pusher.join().unwrap(), Some(Pushed::Closed));
    }

    #[test]
    fn more_than_it_may_say_is_told_to_whoever_pushes() {
        let outlet = Outlet::new(2);
        assert_eq!(outlet.push(out("ab")), Pushed::Kept);
        assert_eq!(outlet.push(out("c")), Pushed::TooMuch);
        assert_eq!(outlet.bytes(), 3);
    }
}
