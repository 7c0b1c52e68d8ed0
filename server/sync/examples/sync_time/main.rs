//! Measures a sync side by side with rsync on one tree: `sync_time <files> <bytes> <rounds>`; prints one line of JSON.
//!
//! Both send over TCP of this machine with TCP_NODELAY at both ends. Ours is followed, told and applied as an editor
//! would have it: a thread waits for the change, another side applies it and answers.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measurement reads clocks, makes files and may fail loudly"
)]

#[cfg(target_os = "linux")]
mod ours;
#[cfg(target_os = "linux")]
mod rsync;
#[cfg(target_os = "linux")]
mod tree;

#[cfg(target_os = "linux")]
fn main() {
    let args: Vec<u64> = std::env::args().skip(1).map(|it| it.parse().unwrap()).collect();
    let (files, bytes, rounds) = (args[0], args[1], args[2]);
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("workspace");
    tree::make(&root, files, bytes);
    let rsync = rsync::Daemon::start(folder.path());
    let mut first = (Vec::new(), Vec::new());
    for round in 0..3 {
        first.0.push(ours::first(&root, &folder.path().join(format!("store-{round}"))));
        if let Some(rsync) = &rsync {
            first.1.push(rsync.first(&root));
        }
    }
    let mut ours = ours::Ours::start(&root, &folder.path().join("store"));
    let mut samples: [Vec<f64>; 5] = Default::default();
    for round in 0..rounds {
        samples[0].push(ours.nothing());
        samples[1].push(ours.one(&tree::file(&root, round * 7 % files), round));
        // A run of rsync takes so long that fewer of them tell as much.
        if let Some(rsync) = rsync.as_ref().filter(|_| round % 4 == 0) {
            samples[2].push(rsync.all(&root));
            tree::change(&tree::file(&root, round * 11 % files), round);
            samples[3].push(rsync.all(&root));
            let changed = tree::file(&root, round * 13 % files);
            tree::change(&changed, round);
            samples[4].push(rsync.named(&root, &changed));
            ours.catch_up();
        }
    }
    let large = ours.large(&root, 50 << 20);
    let ms = |name: &str, samples: &[f64]| format!("\"{name}\":{}", tree::spread(samples));
    println!(
        "{{{},{},{},{},{},{},{},\"large_bytes\":{large}}}",
        ms("first", &first.0),
        ms("rsync_first", &first.1),
        ms("none", &samples[0]),
        ms("one", &samples[1]),
        ms("rsync_none", &samples[2]),
        ms("rsync_one", &samples[3]),
        ms("rsync_named", &samples[4]),
    );
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("{{}}");
}
