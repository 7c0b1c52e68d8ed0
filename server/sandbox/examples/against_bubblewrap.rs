//! Measures create + run `true` + destroy of the local sandbox beside bubblewrap doing less, in turns, so that
//! whatever else the machine does strikes both alike.
//!
//! `against_bubblewrap <helper> <workspace> <runs>` prints one line of JSON for each way. Times in microseconds, as
//! the one who waits sees them; CPU time is that of everything that was waited for, and our
//! own: of our sandbox it leaves out what a helper that goes on living has started.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock and the environment, starts programs, and prints"
)]

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let usage = "usage: against_bubblewrap <helper> <workspace> <runs>";
    let helper = arguments.next().ok_or(usage)?;
    let workspace = std::path::PathBuf::from(arguments.next().ok_or(usage)?);
    let runs: usize = arguments.next().and_then(|it| it.to_str()?.parse().ok()).ok_or(usage)?;
    let mut ways = measured::ways(helper, &workspace)?;
    // The first of each pays for what is remembered.
    for _ in 0..=runs {
        for way in &mut ways {
            way.once()?;
        }
    }
    ways.iter().for_each(measured::Way::print);
    Ok(())
}

#[cfg(target_os = "linux")]
mod measured {
    use std::ffi::OsString;
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use bodkin_guard::report::Exit;
    use bodkin_sandbox::{Cancel, Launch, LocalOptions, LocalSandbox, TOOLCHAIN_VARIABLES};

    type Failure = Box<dyn std::error::Error>;

    /// One way to run `true`, and how long it took each time.
    pub(super) struct Way {
        name: &'static str,
        run: Box<dyn FnMut() -> Result<(), Failure>>,
        wall: Vec<Duration>,
        cpu: Vec<Duration>,
    }

    impl Way {
        fn new(name: &'static str, run: impl FnMut() -> Result<(), Failure> + 'static) -> Self {
            Self { name, run: Box::new(run), wall: Vec::new(), cpu: Vec::new() }
        }

        pub(super) fn once(&mut self) -> Result<(), Failure> {
            let (cpu, start) = (cpu_time(), Instant::now());
            (self.run)()?;
            self.wall.push(start.elapsed());
            self.cpu.push(cpu_time().saturating_sub(cpu));
            Ok(())
        }

        pub(super) fn print(&self) {
            let at = |times: &[Duration], share: usize| {
                let mut sorted: Vec<u128> = times.iter().skip(1).map(Duration::as_micros).collect();
                sorted.sort_unstable();
                sorted.get(sorted.len() * share / 100).copied().unwrap_or_default()
            };
            println!(
                r#"{{"name":"{}","median_us":{},"p90_us":{},"min_us":{},"cpu_us":{}}}"#,
                self.name,
                at(&self.wall, 50),
                at(&self.wall, 90),
                at(&self.wall, 0),
                at(&self.cpu, 50)
            );
        }
    }

    /// Ours, bubblewrap with nothing writable, bubblewrap with the workspace writable, and no walls.
    pub(super) fn ways(helper: OsString, workspace: &Path) -> Result<Vec<Way>, Failure> {
        let variable = |name: &&str| Some(((*name).to_owned(), std::env::var_os(name)?));
        let sandbox = LocalSandbox::new(LocalOptions {
            helper: helper.into(),
            // Another user than the workspace's must be able to make it.
            scratch: std::env::temp_dir().join(format!("bodkin-bench-{}", std::process::id())),
            path_env: std::env::var_os("PATH").unwrap_or_default(),
            home: std::env::home_dir(),
            env: TOOLCHAIN_VARIABLES.iter().filter_map(variable).collect(),
            ..LocalOptions::default()
        });
        let root = workspace.to_path_buf();
        let ours = Way::new("bodkin", move || {
            let ended =
                sandbox.launch(Launch::new(&root, ["true"]))?.wait(None, &Cancel::new(), &mut |_, _| {});
            if ended.exit == Exit::Code(0) { Ok(()) } else { Err(format!("{:?}", ended.exit).into()) }
        });
        let folder = workspace.as_os_str();
        let bare = ["--unshare-all", "--ro-bind", "/", "/"].map(OsString::from).to_vec();
        let devices =
            ["--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--die-with-parent"].map(OsString::from);
        let bound =
            ["--bind".into(), folder.to_owned(), folder.to_owned(), "--chdir".into(), folder.to_owned()];
        let whole = [&bare[..], &devices[..], &bound[..]].concat();
        Ok(vec![ours, bubblewrap("bwrap, read-only", bare), bubblewrap("bwrap, workspace", whole), plain()])
    }

    fn bubblewrap(name: &'static str, arguments: Vec<OsString>) -> Way {
        Way::new(name, move || started(Command::new("bwrap").args(&arguments).arg("true")))
    }

    fn plain() -> Way {
        Way::new("no walls", || started(&mut Command::new("true")))
    }

    fn started(command: &mut Command) -> Result<(), Failure> {
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
        if status.success() { Ok(()) } else { Err(format!("{status}").into()) }
    }

    /// CPU time of this process and of all that it has waited for.
    #[expect(unsafe_code, reason = "no safe wrapper tells the time of children in microseconds")]
    fn cpu_time() -> Duration {
        let of = |whose: libc::c_int| {
            // SAFETY: all-zero is a valid `rusage`, and the call fills the one that it is given.
            let used = unsafe {
                let mut used: libc::rusage = std::mem::zeroed();
                libc::getrusage(whose, &raw mut used);
                used
            };
            let time = |it: libc::timeval| {
                Duration::new(it.tv_sec.unsigned_abs(), 0) + Duration::from_micros(it.tv_usec.unsigned_abs())
            };
            time(used.ru_utime) + time(used.ru_stime)
        };
        of(libc::RUSAGE_SELF) + of(libc::RUSAGE_CHILDREN)
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {}
