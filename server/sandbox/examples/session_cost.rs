//! What idle sessions cost: memory of all their processes, and the time to make and to end one.
//!
//! `cargo run --release -p bodkin_sandbox --example session_cost [HOW MANY]`
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement: reads clocks, prints, and fails by panicking"
)]

#[cfg(target_os = "linux")]
fn main() {
    use bodkin_guard::action::{Limits, Network};
    use bodkin_sandbox::session::{Backend, Base, ProcessEvent, ProcessOrder, SessionOrder};
    use bodkin_sandbox::{Cancel, LocalOptions, LocalSandbox};
    use std::collections::BTreeMap;
    use std::time::Instant;

    let count: usize = std::env::args().nth(1).and_then(|it| it.parse().ok()).unwrap_or(20);
    let options = LocalOptions {
        helper: std::env::current_exe().unwrap().parent().unwrap().with_file_name("bodkin-sandbox-init"),
        scratch: std::env::temp_dir().join("bodkin-session-cost"),
        path_env: "/usr/local/bin:/usr/bin:/bin".into(),
        ..LocalOptions::default()
    };
    let sandbox = LocalSandbox::new(options);
    let order = SessionOrder {
        base: Base::Empty,
        env: BTreeMap::new(),
        limits: Limits { wall_ms: 3_600_000, ..Limits::default() },
        network: Network::Off,
        metadata: BTreeMap::new(),
    };
    let mut created = Vec::new();
    let sessions: Vec<_> = (0..count)
        .map(|_| {
            let started = Instant::now();
            let session = sandbox.create(order.clone(), &Cancel::new()).unwrap();
            created.push(started.elapsed());
            session
        })
        .collect();
    let mut ran = Vec::new();
    for session in &sessions {
        let started = Instant::now();
        let process = session.start(ProcessOrder::new(["/bin/true"])).unwrap();
        let mut listener = process.listen();
        while !matches!(listener.next(std::time::Duration::from_secs(60)), Some(ProcessEvent::Ended(_))) {}
        ran.push(started.elapsed());
    }
    let (pss, processes) = helpers();
    println!("{count} sessions, each with one command run and ended");
    println!("helpers: {processes} processes, {} KiB PSS, {} KiB a session", pss, pss / count as u64);
    let mut destroyed = Vec::new();
    for session in sessions {
        let started = Instant::now();
        drop(session);
        destroyed.push(started.elapsed());
    }
    for (what, mut times) in [("make", created), ("run true", ran), ("end", destroyed)] {
        times.sort();
        println!("{what}: median {:?}, most {:?}", times.get(times.len() / 2), times.last());
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {}

/// Memory by share of all helpers of this user, KiB, and their number.
#[cfg(target_os = "linux")]
fn helpers() -> (u64, usize) {
    use std::fs;
    let mut all = (0, 0);
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if !line.starts_with(b"bodkin-sandbox\0") {
            continue;
        }
        let rollup = fs::read_to_string(entry.path().join("smaps_rollup")).unwrap_or_default();
        let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
        let kib = pss.and_then(|it| it.split_ascii_whitespace().next()).and_then(|it| it.parse::<u64>().ok());
        all = (all.0 + kib.unwrap_or(0), all.1 + 1);
    }
    all
}
