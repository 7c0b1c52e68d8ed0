//! The door: environment, folders and the sandbox, read once and handed inwards as values.
#![expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bodkin_host::container::{ContainerBackend, ContainerOptions, Engine, Over, image};
use bodkin_host::sandbox::{Backend as _, LocalOptions, LocalSandbox, Sandbox, TOOLCHAIN_VARIABLES};
use bodkin_host::{Asker, BackendKind, Host, HostError, HostOptions, SandboxChoice, Settings};

use crate::args::{Backend, Shared};

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

/// The sandbox that the settings choose for a workspace.
pub(crate) fn sandbox(settings: &Settings, root: &Path) -> Result<Arc<dyn Sandbox>, HostError> {
    match settings.sandbox.backend {
        BackendKind::Local => Ok(local()?),
        BackendKind::Container => Ok(Arc::new(Over::here(Arc::new(container(&settings.sandbox, root)?)))),
    }
}

/// Containers, with the image that the settings or the workspace's dev container name.
pub(crate) fn container(choice: &SandboxChoice, root: &Path) -> Result<ContainerBackend, HostError> {
    let mut options = ContainerOptions::new(engine(choice)?, image_of(choice, root)?);
    options.runtime.clone_from(&choice.runtime);
    Ok(ContainerBackend::new(options))
}

/// Containers of whatever image, to be found and ended.
pub(crate) fn any_container(choice: &SandboxChoice) -> Result<ContainerBackend, HostError> {
    Ok(ContainerBackend::new(ContainerOptions::new(engine(choice)?, "")))
}

/// Milliseconds since 1970.
pub(crate) fn unix_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The container engine that the settings or the environment name, else one at a usual place.
fn engine(choice: &SandboxChoice) -> Result<Engine, HostError> {
    match choice.engine.clone().or_else(|| env::var("DOCKER_HOST").ok().filter(|it| !it.is_empty())) {
        Some(named) => Engine::parse(&named)
            .map_err(|error| HostError::bad(error, "Set `engine` in the settings, or DOCKER_HOST.")),
        None => usual_engine().ok_or_else(|| {
            HostError::unavailable(
                "no container engine was found",
                "Start one (`podman system service --time 0 unix:///run/podman/podman.sock`), or name it by \
                 DOCKER_HOST.",
            )
        }),
    }
}

fn usual_engine() -> Option<Engine> {
    let own = env::var_os("XDG_RUNTIME_DIR").map(|folder| Path::new(&folder).join("podman/podman.sock"));
    let usual = ["/run/podman/podman.sock", "/run/docker.sock", "/var/run/docker.sock"].map(PathBuf::from);
    own.into_iter().chain(usual).find(|socket| socket.exists()).map(Engine::Unix)
}

fn image_of(choice: &SandboxChoice, root: &Path) -> Result<String, HostError> {
    if let Some(image) = &choice.image {
        return Ok(image.clone());
    }
    let hint = "Name an image that the engine has: `[sandbox]` with `image = \"…\"` in the settings.";
    let wanted = image::detect(&|path| std::fs::read_to_string(root.join(path)).ok());
    match wanted.map_err(|error| HostError::bad(error, hint))? {
        Some(image::Wanted::Image { name, .. }) => Ok(name),
        Some(image::Wanted::Build { dockerfile, .. }) => Err(HostError::unavailable(
            format!("`{dockerfile}` would have to be built first, which runs its commands with the network"),
            format!(
                "Build it (`podman build -t NAME -f {dockerfile}`), then name the image in the settings."
            ),
        )),
        None => Err(HostError::unavailable("no image is named for this workspace", hint)),
    }
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
    settings.sandbox.backend = match shared.backend {
        Some(Backend::Local) => BackendKind::Local,
        Some(Backend::Container) => BackendKind::Container,
        None => settings.sandbox.backend,
    };
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
    if settings.sandbox.backend == BackendKind::Container {
        // Asked before anything is begun: an engine that does not answer is no weak sandbox, but none.
        any_container(&settings.sandbox)?.list().map_err(|error| {
            HostError::unavailable(error.to_string(), "Choose another sandbox (`--backend local`).")
        })?;
    }
    Host::open(HostOptions {
        root: root(shared, &here),
        state_home: state_home()?,
        sandbox: sandbox(&settings, &root(shared, &here))?,
        settings,
        asker,
        watch: false,
    })
}
