//! Runs a command in a sandbox over the current folder, as a user would see it: for looking around.
//!
//! `in_sandbox <helper> <program> [arguments]`
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a tool for looking around reads the environment, and prints"
)]

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use std::io::Write;

    use bodkin_sandbox::{Cancel, Launch, LocalOptions, LocalSandbox, Stream, TOOLCHAIN_VARIABLES};

    let mut arguments = std::env::args_os().skip(1);
    let helper = arguments.next().ok_or("usage: in_sandbox <helper> <program> [arguments]")?;
    let variable = |name: &&str| Some(((*name).to_owned(), std::env::var_os(name)?));
    let sandbox = LocalSandbox::new(LocalOptions {
        helper: helper.into(),
        scratch: std::env::temp_dir().join("bodkin-in-sandbox"),
        path_env: std::env::var_os("PATH").unwrap_or_default(),
        home: std::env::home_dir(),
        env: TOOLCHAIN_VARIABLES.iter().filter_map(variable).collect(),
        force: None,
        ..LocalOptions::default()
    });
    let running = sandbox.launch(Launch::new(std::env::current_dir()?, arguments))?;
    eprintln!("{:?}", running.isolation());
    let ended = running.wait(None, &Cancel::new(), &mut |stream, bytes| {
        // A closed pipe is the reader's own wish.
        let _ = match stream {
            Stream::Stdout => std::io::stdout().write_all(bytes),
            Stream::Stderr => std::io::stderr().write_all(bytes),
        };
    });
    eprintln!("{:?} after {} ms", ended.exit, ended.wall_us / 1000);
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn main() {}
