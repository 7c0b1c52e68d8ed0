//! What a process says, kept between the one that hears it from the system and those who listen.
//!
//! Bounded: 64 KiB are kept. Until somebody listens for the first time, and while a listener does not read, there
//! is no room for more, and the process waits as it would for any slow pipe. When all listeners have gone it lives
//! on, and what is old is forgotten.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bodkin_guard::report::Exit;

use super::{Listen, ProcessEvent};

/// Bytes that are kept for whoever listens next, or for the slowest who listens.
pub(crate) const KEPT_BYTES: usize = 64 << 10;

/// One process's words.
pub(crate) struct Speech {
    state: Mutex<State>,
    changed: Condvar,
    /// Called when there is room again, with nothing locked.
    on_room: Box<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct State {
    said: VecDeque<ProcessEvent>,
    /// Number of the first of `said`.
    first: u64,
    bytes: usize,
    /// Number after the last that anybody has heard.
    heard: u64,
    /// Number of the next event for each listener.
    listeners: BTreeMap<u64, u64>,
    last_listener: u64,
    ended: Option<Exit>,
}

impl Speech {
    /// Nothing said yet; `on_room` is called whenever there is room again.
    pub(crate) fn new(on_room: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), changed: Condvar::new(), on_room: Box::new(on_room) })
    }

    /// Whether more may be said now.
    #[cfg(any(test, target_os = "linux"))]
    pub(crate) fn has_room(&self) -> bool {
        self.lock().has_room()
    }

    /// Waits until more may be said; `false` if it is over before.
    pub(crate) fn wait_for_room(&self) -> bool {
        let mut state = self.lock();
        while !state.has_room() && state.ended.is_none() {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.ended.is_none()
    }

    /// Says something; nothing is said after the end.
    pub(crate) fn say(&self, event: ProcessEvent) {
        let mut state = self.lock();
        if state.ended.is_some() {
            return;
        }
        state.bytes += size(&event);
        state.said.push_back(event);
        state.forget();
        drop(state);
        self.changed.notify_all();
    }

    /// Tells the end, once; later ends are not heard.
    pub(crate) fn end(&self, exit: Exit) {
        self.lock().ended.get_or_insert(exit);
        self.changed.notify_all();
    }

    /// How it ended.
    pub(crate) fn exit(&self) -> Option<Exit> {
        self.lock().ended.clone()
    }

    /// Waits until it has ended; `None` when `wait` is over first.
    #[cfg(unix)]
    #[expect(clippy::disallowed_methods, reason = "a wait with a deadline")]
    pub(crate) fn wait_for_end(&self, wait: Duration) -> Option<Exit> {
        let deadline = Instant::now() + wait;
        let mut state = self.lock();
        while state.ended.is_none() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.ended.clone()
    }

    /// A listener, from what nobody has heard yet.
    pub(crate) fn listen(self: &Arc<Self>) -> Box<dyn Listen> {
        let mut state = self.lock();
        state.last_listener += 1;
        let id = state.last_listener;
        let from = state.heard.max(state.first);
        state.listeners.insert(id, from);
        drop(state);
        Box::new(Listener { speech: Arc::clone(self), id, has_heard_end: false })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_room(&self) -> bool {
        let is_orphan = self.listeners.is_empty() && self.last_listener > 0;
        is_orphan || self.bytes < KEPT_BYTES
    }

    /// Lets go of what every listener has heard, and without any of what is too much.
    fn forget(&mut self) {
        let needed = self.listeners.values().copied().min().unwrap_or(self.heard);
        let is_orphan = self.listeners.is_empty() && self.last_listener > 0;
        while self.first < needed || (is_orphan && self.bytes > KEPT_BYTES) {
            let Some(event) = self.said.pop_front() else { break };
            self.bytes -= size(&event);
            self.first += 1;
        }
    }

    fn next_for(&mut self, id: u64) -> Option<ProcessEvent> {
        let at = self.listeners.get(&id).copied()?.max(self.first);
        let event = self.said.get(usize::try_from(at - self.first).ok()?)?.clone();
        self.listeners.insert(id, at + 1);
        self.heard = self.heard.max(at + 1);
        self.forget();
        Some(event)
    }
}

fn size(event: &ProcessEvent) -> usize {
    match event {
        ProcessEvent::Stdout(bytes) | ProcessEvent::Stderr(bytes) | ProcessEvent::Terminal(bytes) => {
            bytes.len()
        }
        ProcessEvent::Ended(_) => 0,
    }
}

struct Listener {
    speech: Arc<Speech>,
    id: u64,
    has_heard_end: bool,
}

impl Listen for Listener {
    #[expect(clippy::disallowed_methods, reason = "a wait with a deadline")]
    fn next(&mut self, wait: Duration) -> Option<ProcessEvent> {
        if self.has_heard_end {
            return None;
        }
        let deadline = Instant::now() + wait;
        let mut state = self.speech.lock();
        loop {
            let had_room = state.has_room();
            if let Some(event) = state.next_for(self.id) {
                let has_room_again = !had_room && state.has_room();
                drop(state);
                if has_room_again {
                    self.speech.changed.notify_all();
                    (self.speech.on_room)();
                }
                return Some(event);
            }
            if let Some(exit) = state.ended.clone() {
                self.has_heard_end = true;
                return Some(ProcessEvent::Ended(exit));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            let waited = self.speech.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut state = self.speech.lock();
        state.listeners.remove(&self.id);
        state.forget();
        drop(state);
        self.speech.changed.notify_all();
        (self.speech.on_room)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn out(text: &str) -> ProcessEvent {
        ProcessEvent::Stdout(text.as_bytes().to_vec())
    }

    fn heard(listener: &mut dyn Listen) -> Vec<ProcessEvent> {
        std::iter::from_fn(|| listener.next(Duration::ZERO)).collect()
    }

    #[test]
    fn the_first_listener_hears_everything_and_the_next_what_nobody_heard() {
        let speech = Speech::new(|| {});
        speech.say(out("a"));
        let mut first = speech.listen();
        speech.say(out("b"));
        assert_eq!(heard(&mut *first), [out("a"), out("b")]);
        drop(first);
        speech.say(out("c"));
        let mut second = speech.listen();
        speech.end(Exit::Code(0));
        assert_eq!(heard(&mut *second), [out("c"), ProcessEvent::Ended(Exit::Code(0))]);
        assert_eq!(heard(&mut *speech.listen()), [ProcessEvent::Ended(Exit::Code(0))]);
    }

    #[test]
    fn two_listeners_hear_the_same() {
        let speech = Speech::new(|| {});
        let (mut one, mut two) = (speech.listen(), speech.listen());
        speech.say(out("a"));
        assert_eq!(heard(&mut *one), [out("a")]);
        speech.say(out("b"));
        assert_eq!(heard(&mut *two), [out("a"), out("b")]);
        assert_eq!(heard(&mut *one), [out("b")]);
    }

    #[test]
    fn there_is_no_room_while_a_listener_does_not_read_or_before_there_was_one() {
        let speech = Speech::new(|| {});
        let full = ProcessEvent::Stdout(vec![0; KEPT_BYTES]);
        speech.say(full.clone());
        assert!(!speech.has_room());
        let mut listener = speech.listen();
        assert!(!speech.has_room());
        assert_eq!(listener.next(Duration::ZERO), Some(full));
        assert!(speech.has_room());
    }

    #[test]
    fn when_all_have_gone_it_speaks_on_and_the_oldest_is_forgotten() {
        let speech = Speech::new(|| {});
        drop(speech.listen());
        speech.say(out("old"));
        speech.say(ProcessEvent::Stdout(vec![0; KEPT_BYTES]));
        assert!(speech.has_room());
        assert_eq!(heard(&mut *speech.listen()), [ProcessEvent::Stdout(vec![0; KEPT_BYTES])]);
    }
}
