//! Measures create + run `true` + destroy over an empty workspace with this user's own tools in sight.
//!
//! `launch_time <helper> [runs]` prints one line of JSON; times in microseconds, each as the launcher sees it.
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
    let helper = arguments.next().ok_or("usage: launch_time <helper> [runs]")?;
    let runs: usize = arguments.next().and_then(|it| it.to_str()?.parse().ok()).unwrap_or(50);
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
    });
    let isolation = sandbox.isolation();
    let (mut all, mut built) = (Vec::with_capacity(runs), Vec::with_capacity(runs));
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
    all.sort_unstable();
    built.sort_unstable();
    let at =
        |sorted: &[u128], share: usize| sorted.get(sorted.len() * share / 100).copied().unwrap_or_default();
    println!(
        r#"{{"level":"{:?}","runs":{runs},"median_us":{},"p90_us":{},"min_us":{},"running_median_us":{}}}"#,
        isolation.level,
        at(&all, 50),
        at(&all, 90),
        at(&all, 0),
        at(&built, 50),
    );
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!(r#"{{"level":null}}"#);
}
