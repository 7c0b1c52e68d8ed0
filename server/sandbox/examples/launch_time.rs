//! Measures create + run `true` + destroy over an empty workspace with this user's own tools in sight, and
//! how long ten processes live on when they are cancelled.
//!
//! `launch_time <helper> [runs [kills]]` prints one line of JSON; times in microseconds, each as the launcher sees it.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock and the environment, and prints"
)]

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use std::time::Instant;

    use bodkin_guard::report::Exit;
    use bodkin_sandbox::{Cancel, Launch, LocalOptions, LocalSandbox, TOOLCHAIN_VARIABLES};

    let mut arguments = std::env::args_os().skip(1);
    let helper = arguments.next().ok_or("usage: launch_time <helper> [runs [kills]]")?;
    let runs: usize = arguments.next().and_then(|it| it.to_str()?.parse().ok()).unwrap_or(50);
    let kills: usize = arguments.next().and_then(|it| it.to_str()?.parse().ok()).unwrap_or(runs);
    let ground = tempfile::tempdir()?;
    let workspace = ground.path().join("workspace");
    std::fs::create_dir(&workspace)?;
    let variable = |name: &&str| Some(((*name).to_owned(), std::env::var_os(name)?));
    let sandbox = LocalSandbox::new(LocalOptions {
        helper: helper.into(),
        scratch: ground.path().join("scratch"),
        path_env: std::env::var_os("PATH").unwrap_or_default(),
        home: std::env::home_dir(),
        env: TOOLCHAIN_VARIABLES.iter().filter_map(variable).collect(),
        force: None,
        ..LocalOptions::default()
    });
    let isolation = sandbox.isolation();
    let (mut all, mut built, mut killed) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        let start = Instant::now();
        let running = sandbox.launch(Launch::new(&workspace, ["true"]))?;
        built.push(start.elapsed().as_micros());
        let ended = running.wait(None, &Cancel::new(), &mut |_, _| {});
        all.push(start.elapsed().as_micros());
        if ended.exit != Exit::Code(0) {
            return Err(format!("`true` ended with {:?}", ended.exit).into());
        }
    }
    for _ in 0..kills {
        let tree = "for i in 1 2 3 4 5 6 7 8 9; do setsid sleep 1000 & done; echo up; wait";
        let running = sandbox.launch(Launch::new(&workspace, ["sh", "-c", tree]))?;
        let cancel = Cancel::new();
        let mut start = Instant::now();
        running.wait(None, &cancel.clone(), &mut |_, _| {
            start = Instant::now();
            cancel.cancel();
        });
        killed.push(start.elapsed().as_micros());
    }
    [&mut all, &mut built, &mut killed].into_iter().for_each(|it| it.sort_unstable());
    let at =
        |sorted: &[u128], share: usize| sorted.get(sorted.len() * share / 100).copied().unwrap_or_default();
    println!(
        r#"{{"level":"{:?}","runs":{runs},"median_us":{},"p90_us":{},"min_us":{},"running_median_us":{},"killed_median_us":{},"killed_most_us":{}}}"#,
        isolation.level,
        at(&all, 50),
        at(&all, 90),
        at(&all, 0),
        at(&built, 50),
        at(&killed, 50),
        killed.last().copied().unwrap_or_default(),
    );
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!(r#"{{"level":null}}"#);
}
