//! `bodkin sandboxd`: this machine's sandboxes for other machines, until it is asked to end.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bodkin_host::HostError;
use bodkin_protocol::FailureKind;
use bodkin_sandboxd::{Daemon, Keys, Options, Stopper, TlsFiles, fresh_key, serve};
use serde::Serialize;

use crate::args::{SandboxdArgs, Shared};
use crate::output::Output;
use crate::world;

/// Where it listens, for programs that started it.
#[derive(Debug, Clone, Serialize)]
struct Listening {
    url: String,
}

/// A new key, shown this once.
#[derive(Debug, Clone, Serialize)]
struct NewKey {
    name: String,
    key: String,
    file: String,
}

pub(crate) fn run(shared: &Shared, args: &SandboxdArgs) -> u8 {
    let mut output = Output::new("sandboxd", shared.json);
    let done = match &args.new_key {
        Some(name) => new_key(args, name, &output),
        None => daemon(shared, args, &mut output),
    };
    done.unwrap_or_else(|error| output.failure(&error))
}

fn daemon(shared: &Shared, args: &SandboxdArgs, output: &mut Output) -> Result<u8, HostError> {
    let options = options(args)?;
    options.check().map_err(|error| HostError::bad(error.to_string(), "See docs/sandboxd.md."))?;
    let scheme = if options.tls.is_some() { "https" } else { "http" };
    let state = options.state.clone();
    let daemon = Daemon::new(options, world::local()?).map_err(|error| {
        HostError::unavailable(error.to_string(), format!("Look at {}.", state.display()))
    })?;
    let walls = daemon.isolation();
    if !daemon.is_full() && !shared.allow_reduced {
        return Err(HostError::unavailable(
            format!("this machine can not build full walls: {}", walls.missing.join("; ")),
            "`bodkin doctor` tells what is missing; --allow-reduced serves all the same.",
        ));
    }
    for missing in &walls.missing {
        output.remark(format!("weaker walls: {missing}"));
    }
    let served = serve(daemon).map_err(|error| {
        let next = "Another program may have the address: give another --listen; or look at the certificate's files.";
        HostError::unavailable(format!("{} can not be served: {error}", args.listen), next)
    })?;
    let listening = Listening { url: format!("{scheme}://{}", served.address()) };
    let code = output.result(None, &listening, |_| format!("listening on {}\n", listening.url));
    end_on_signal(served.stopper());
    served.wait();
    Ok(code)
}

/// The first signal ends all sandboxes and then the daemon; the second leaves at once, and what runs dies with it.
fn end_on_signal(stopper: Stopper) {
    let asked = AtomicBool::new(false);
    // Where the system lets nobody listen, being stopped ends this process, and what runs dies with it.
    let _ = ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::SeqCst) {
            process::exit(FailureKind::Cancelled.exit_code().into());
        }
        stopper.stop();
    });
}

fn options(args: &SandboxdArgs) -> Result<Options, HostError> {
    let state = match &args.state {
        Some(state) => state.clone(),
        None => world::state_home()?.join("sandboxd"),
    };
    let mut options = Options::new(keys(&key_file(args)?)?, state);
    options.listen = args.listen;
    options.allow_plain = args.allow_plain;
    options.tls = match (&args.tls_cert, &args.tls_key) {
        (Some(cert), Some(key)) => Some(TlsFiles { cert: cert.clone(), key: key.clone() }),
        (_, _) => None,
    };
    options.domain.clone_from(&args.domain);
    options.hosts = args.host.iter().cloned().collect();
    options.reach = args.reach.iter().cloned().collect();
    options.idle = args.idle.map(Duration::from_secs);
    options.mirrors.clone_from(&args.mirrors);
    options.limits.memory_bytes = args.memory_mb.saturating_mul(1 << 20);
    options.limits.disk_bytes = args.disk_mb.saturating_mul(1 << 20);
    options.limits.processes = args.processes;
    Ok(options)
}

fn key_file(args: &SandboxdArgs) -> Result<PathBuf, HostError> {
    match &args.keys {
        Some(keys) => Ok(keys.clone()),
        None => Ok(world::config_home()?.join("sandboxd.keys")),
    }
}

#[expect(clippy::disallowed_methods, reason = "the key file is read at the door")]
fn keys(file: &Path) -> Result<Keys, HostError> {
    let text = fs::read_to_string(file).map_err(|error| {
        let next = if error.kind() == io::ErrorKind::NotFound {
            "`bodkin sandboxd --new-key NAME` makes one and prints a key once."
        } else {
            "Give a file that can be read with --keys."
        };
        HostError::unavailable(format!("the key file {} can not be read: {error}", file.display()), next)
    })?;
    let is_private = is_private(file);
    if !is_private {
        return Err(HostError::bad(
            format!("others on this machine can read {}", file.display()),
            format!("`chmod 600 {}`", file.display()),
        ));
    }
    let next = "Mend the line, or make a fresh key with `bodkin sandboxd --new-key NAME`.";
    Keys::parse(&text).map_err(|error| HostError::bad(format!("{}: {error}", file.display()), next))
}

#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "the key file is looked at at the door")]
fn is_private(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|it| it.permissions().mode() & 0o077 == 0)
}

#[cfg(not(unix))]
fn is_private(_: &Path) -> bool {
    true
}

/// Adds a key to the file, which holds its hash alone, and prints it.
fn new_key(args: &SandboxdArgs, name: &str, output: &Output) -> Result<u8, HostError> {
    let file = key_file(args)?;
    let failed = |error: io::Error| {
        HostError::unavailable(format!("{}: {error}", file.display()), "Give another file with --keys.")
    };
    let (key, line) = fresh_key(name).map_err(failed)?;
    // As the daemon will read it: a name with a blank in it, or one that is there, is told now.
    let before = match existing(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(failed(error)),
    };
    Keys::parse(&format!("{before}\n{line}\n"))
        .map_err(|error| HostError::bad(error.to_string(), "Choose another name, without blanks."))?;
    append(&file, &line).map_err(failed)?;
    let new = NewKey { name: name.to_owned(), key, file: file.display().to_string() };
    Ok(output.result(None, &new, |style| {
        format!(
            "{}\n{}\n",
            new.key,
            style.dim(&format!("its hash stands in {}; it is not shown again", new.file))
        )
    }))
}

#[expect(clippy::disallowed_methods, reason = "the key file is read at the door")]
fn existing(file: &Path) -> io::Result<String> {
    fs::read_to_string(file)
}

#[expect(clippy::disallowed_methods, reason = "the key file is made at the door")]
fn append(file: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // One write, on a line of its own whatever stood at the end.
    options.open(file)?.write_all(format!("\n{line}\n").as_bytes())
}
