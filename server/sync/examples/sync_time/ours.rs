//! Ours: a tracker, a sender, a connection, a replica.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use bodkin_sync::loopback::{Client, Server};
use bodkin_sync::store::{Store, StoreLimits};
use bodkin_sync::{FilePath, Manifest, Report, Rules, Sender, Tracker};
use bodkin_text::ContentHash;

use crate::tree;

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn server(store: &Path) -> Server {
    let store = Store::open(store, StoreLimits::default()).unwrap();
    Server::start(store.replica("workspace").unwrap()).unwrap()
}

/// From nothing known on either side to everything applied, milliseconds.
pub(crate) fn first(root: &Path, store: &Path) -> f64 {
    let server = server(store);
    let mut client = Client::connect(server.address()).unwrap();
    let begin = Instant::now();
    let tracker = Tracker::start(root, Rules::default(), None).unwrap();
    let state = tracker.settle().unwrap().state;
    client.sync(&mut Sender::new(), &state).unwrap();
    let took = ms(begin);
    fs::remove_dir_all(store).unwrap();
    took
}

/// A workspace that is followed by a thread, which sends what changes at once.
pub(crate) struct Ours {
    root: std::path::PathBuf,
    tracker: Arc<Tracker>,
    done: Receiver<(Instant, Manifest, Report)>,
    _server: Server,
}

impl Ours {
    pub(crate) fn start(root: &Path, store: &Path) -> Self {
        let server = server(store);
        let mut client = Client::connect(server.address()).unwrap();
        let tracker = Arc::new(Tracker::start(root, Rules::default(), None).unwrap());
        let (sender, done) = channel();
        let follows = Arc::downgrade(&tracker);
        std::thread::spawn(move || {
            let mut replica = Sender::new();
            let mut begun = false;
            while let Some(tracker) = follows.upgrade() {
                if begun && !tracker.wait(Duration::from_millis(200)) {
                    continue;
                }
                begun = true;
                let state = tracker.settle().unwrap().state;
                let report = client.sync(&mut replica, &state).unwrap();
                if sender.send((Instant::now(), state.manifest().clone(), report)).is_err() {
                    return;
                }
            }
        });
        let ours = Self { root: root.to_owned(), tracker, done, _server: server };
        ours.done.recv().unwrap();
        ours
    }

    /// Nothing changed: asked, and confirmed by the other side.
    pub(crate) fn nothing(&mut self) -> f64 {
        let begin = Instant::now();
        self.tracker.push(&FilePath::new(*b"nothing").unwrap());
        let (end, ..) = self.done.recv().unwrap();
        end.duration_since(begin).as_secs_f64() * 1000.0
    }

    /// From the write to what the other side acknowledged.
    pub(crate) fn one(&mut self, path: &Path, round: u64) -> f64 {
        let mut text = fs::read(path).unwrap();
        text.extend_from_slice(format!("changed = {round}\n").as_bytes());
        let begin = Instant::now();
        fs::write(path, &text).unwrap();
        self.until(path, &text).0.duration_since(begin).as_secs_f64() * 1000.0
    }

    fn until(&self, path: &Path, text: &[u8]) -> (Instant, Report) {
        let (path, hash) = (FilePath::below(&self.root, path).unwrap(), ContentHash::of(text));
        loop {
            let (end, manifest, report) = self.done.recv().unwrap();
            let found = manifest.leaf(&path).map(|leaf| leaf.entry.clone());
            if matches!(found, Some(bodkin_sync::Entry::File { hash: it, .. }) if it == hash) {
                return (end, report);
            }
        }
    }

    /// Sends what was changed for somebody else's measurement.
    pub(crate) fn catch_up(&mut self) {
        while self.done.recv_timeout(Duration::from_millis(300)).is_ok() {}
    }

    /// Bytes on the wire for one line more in a file of so many bytes.
    pub(crate) fn large(&mut self, root: &Path, bytes: usize) -> u64 {
        let path = root.join("large.bin");
        let mut text = tree::text(99, bytes);
        fs::write(&path, &text).unwrap();
        self.until(&path, &text);
        let at = text.len() / 2;
        text.splice(at..at, *b"one line more\n");
        fs::write(&path, &text).unwrap();
        self.until(&path, &text).1.sent_bytes
    }
}
