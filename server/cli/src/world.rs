//! The door: environment, folders and the sandbox, read once and handed inwards as values.
#![expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bodkin_host::sandbox::{LocalOptions, LocalSandbox, Sandbox, TOOLCHAIN_VARIABLES};
use bodkin_host::{Asker, Host, HostError, HostOptions, Settings};

use crate::args::Shared;

/// Where everything is kept: `$XDG_STATE_HOME/bodkin`, else `~/.local/state/bodkin`.
pub(crate) fn state_home() -> Result<PathBuf, HostError> {
    folder("XDG_STATE_HOME", ".local/state")
}

/// Where the user's settings are: `$XDG_CONFIG_HOME/bodkin`, else `~/.config/bodkin`.
pub(crate) fn config_home() -> Result<PathBuf, HostError> {
    folder("XDG_CONFIG_HOME", ".config")
}

fn folder(variable: &str, below_home: &str) -> Result<PathBuf, HostError> {
    let set = env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = set.or_else(|| env::home_dir().map(|home| home.join(below_home)));
    base.map(|base| base.join("bodkin")).ok_or_else(|| {
        HostError::unavailable(
            format!("neither {variable} nor HOME is set"),
            format!("Set {variable} to a folder that Bodkin may write to."),
        )
    })
}

/// The folder that the command was typed in.
pub(crate) fn here() -> Result<PathBuf, HostError> {
    env::current_dir().map_err(|error| {
        HostError::unavailable(
            format!("this folder can not be told: {error}"),
            "Change to a folder that exists.",
        )
    })
}

/// The workspace folder: the one given, else the one around `here` that holds `.git`, else `here`.
pub(crate) fn root(shared: &Shared, here: &Path) -> PathBuf {
    if let Some(root) = &shared.root {
        return here.join(root);
    }
    here.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(here).to_owned()
}

/// The sandbox of this machine.
pub(crate) fn sandbox() -> Result<Arc<dyn Sandbox>, HostError> {
    Ok(local()?)
}

/// The same, with all that it can do beside running single commands.
pub(crate) fn local() -> Result<Arc<LocalSandbox>, HostError> {
    let helper = helper()?;
    let env: BTreeMap<String, OsString> = TOOLCHAIN_VARIABLES
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), env::var_os(name)?)))
        .collect();
    // What is wrong with the file is told where the settings are needed.
    let settings = Settings::load(&config_home()?).unwrap_or_default();
    let options = LocalOptions {
        helper,
        scratch: state_home()?.join("scratch"),
        path_env: env::var_os("PATH").unwrap_or_default(),
        home: env::home_dir(),
        env,
        allow_unwalled: settings.allow_unwalled,
        keep_caches: settings.keep_caches,
        ..LocalOptions::default()
    };
    Ok(Arc::new(LocalSandbox::new(options)))
}

/// This program, as the sandbox starts it again; by the kernel's name for it where there is one, so that an update of
/// the file under a running server changes nothing.
fn helper() -> Result<PathBuf, HostError> {
    let kept = PathBuf::from("/proc/self/exe");
    if cfg!(target_os = "linux") && kept.exists() {
        return Ok(kept);
    }
    env::current_exe().map_err(|error| {
        HostError::unavailable(
            format!("this program's own file can not be found: {error}"),
            "Start it by its full path.",
        )
    })
}

/// The user's settings, with what was typed laid over them.
pub(crate) fn settings(shared: &Shared) -> Result<Settings, HostError> {
    let mut settings = Settings::load(&config_home()?)
        .map_err(|error| HostError::bad(error.to_string(), "Mend the settings file, or move it away."))?;
    settings.allow_reduced |= shared.allow_reduced;
    Ok(settings)
}

/// Variables that the user named, with their values.
pub(crate) fn named_variables(names: &[String]) -> Result<BTreeMap<String, String>, HostError> {
    names
        .iter()
        .map(|name| match env::var(name) {
            Ok(value) => Ok((name.clone(), value)),
            Err(_) => Err(HostError::bad(
                format!("the variable `{name}` is not set, or is not UTF-8"),
                "Set it, or leave --env away.",
            )),
        })
        .collect()
}

/// Opens the workspace around here.
pub(crate) fn open(shared: &Shared, settings: Settings, asker: Asker) -> Result<Host, HostError> {
    let here = here()?;
    Host::open(HostOptions {
        root: root(shared, &here),
        state_home: state_home()?,
        sandbox: sandbox()?,
        settings,
        asker,
        watch: false,
    })
}
