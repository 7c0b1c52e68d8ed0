//! Faults, "kill -9 of sandboxd in mid-upload": a real process, a real signal, at many moments.
//!
//! A program of its own, as it starts itself as the receiver: `kill serve <store>`.
#![cfg_attr(
    target_os = "linux",
    expect(
        clippy::disallowed_methods,
        clippy::unwrap_used,
        clippy::print_stdout,
        reason = "a test makes the folders that it looks at and may fail loudly"
    )
)]

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::io::{BufRead, BufReader};
    use std::net::SocketAddr;
    use std::path::Path;
    use std::process::{Child, Command, Stdio};

    use bodkin_sync::loopback::{Client, Server};
    use bodkin_sync::store::{Store, StoreLimits};
    use bodkin_sync::{Rules, Sender, State, Step, scan};

    /// Serves a store until it is killed, or until whoever started it is gone.
    pub(crate) fn serve(store: &Path) {
        let store = Store::open(store, StoreLimits::default()).unwrap();
        let server = Server::start(store.replica("r").unwrap()).unwrap();
        println!("{}", server.address());
        let mut line = String::new();
        let _ = std::io::stdin().read_line(&mut line);
    }

    struct Receiver {
        child: Child,
        client: Client,
    }

    impl Receiver {
        fn start(store: &Path) -> Self {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.arg("serve").arg(store).stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut child = command.spawn().unwrap();
            let mut line = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
            let address: SocketAddr = line.trim().parse().unwrap();
            Self { child, client: Client::connect(address).unwrap() }
        }

        fn kill(mut self) {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }

    fn noise(bytes: usize, mut seed: u64) -> Vec<u8> {
        let mut noise = Vec::new();
        while noise.len() < bytes {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            noise.extend_from_slice(&seed.to_le_bytes()[3..]);
        }
        noise
    }

    /// Sends a state; the receiver is killed when the frame of that number is there, its answer not waited for.
    fn send_and_kill(sender: &mut Sender, state: &State, store: &Path, at: u32) -> bool {
        let receiver = &mut Receiver::start(store);
        let mut sending = sender.send(state);
        for number in 0.. {
            let frame = sending.next_frame().unwrap().unwrap();
            if number == at {
                let Receiver { child, client } = receiver;
                std::thread::scope(|scope| {
                    scope.spawn(|| client.post(&frame));
                    // Whether the signal comes before, while or after the frame is taken is up to the system.
                    std::thread::yield_now();
                    child.kill().unwrap();
                    child.wait().unwrap();
                });
                return true;
            }
            if let Step::Done(_) = sending.answer(&receiver.client.post(&frame).unwrap()).unwrap() {
                receiver.child.kill().unwrap();
                receiver.child.wait().unwrap();
                return false;
            }
        }
        false
    }

    fn whole(store: &Path, state: &State) {
        let store = Store::open(store, StoreLimits::default()).unwrap();
        let pin = store.replica("r").unwrap().pin();
        assert_eq!(pin.root(), state.manifest().root());
        for (path, leaf) in state.manifest().leaves() {
            let bytes = fs::read(pin.folder().join(path.to_path())).unwrap();
            let hash = bodkin_text::ContentHash::of(bytes);
            assert!(matches!(leaf.entry, bodkin_sync::Entry::File { hash: it, .. } if it == hash), "{path}");
        }
    }

    pub(crate) fn a_receiver_that_is_killed_at_any_frame_is_right_at_the_next_sync() {
        let folder = tempfile::tempdir().unwrap();
        let (here, store) = (folder.path().join("here"), folder.path().join("there"));
        let rules = Rules { global_ignore: false, ..Rules::default() };
        let mut sender = Sender::new();
        fs::create_dir(&here).unwrap();
        let mut turn = 0;
        let mut kills = 0;
        for at in [0, 1, 2, 3, 4, 0, 0, 0] {
            turn += 1;
            for name in 0..40 {
                fs::create_dir_all(here.join(format!("d{}", name % 5))).unwrap();
                let size = if turn < 3 { 120 << 10 } else { 20 };
                fs::write(here.join(format!("d{}/f{name}", name % 5)), noise(size, turn * 100 + name))
                    .unwrap();
            }
            let _ = fs::remove_dir_all(here.join(format!("d{}", turn % 5)));
            let state = scan(&here, &rules, None).unwrap().state;
            kills += u32::from(send_and_kill(&mut sender, &state, &store, at));
            let mut receiver = Receiver::start(&store);
            bodkin_sync::sync(&mut sender, &state, |frame| receiver.client.post(frame)).unwrap();
            receiver.kill();
            whole(&store, &state);
        }
        assert!(kills >= 5, "only {kills} kills");
        println!("ok: killed {kills} times");
    }
}

#[cfg(target_os = "linux")]
fn main() {
    let mut args = std::env::args_os().skip(1);
    match args.next() {
        Some(word) if word == "serve" => linux::serve(args.next().unwrap().as_ref()),
        Some(_) | None => linux::a_receiver_that_is_killed_at_any_frame_is_right_at_the_next_sync(),
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {}
