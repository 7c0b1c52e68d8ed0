//! The container that a session is: every wall that the API offers, as one value.

use std::collections::HashMap;
use std::path::Path;

use bodkin_guard::action::Limits;
use bollard::models::{
    ContainerCreateBody, HostConfig, HostConfigLogConfig, ResourcesUlimits, RestartPolicy,
};

use crate::engine::Kind;
use crate::options::ContainerOptions;

/// The home inside.
pub(crate) const HOME: &str = "/home/user";

/// Labels that our containers carry.
pub(crate) const LABEL: &str = "bodkin.session";
pub(crate) const OWNER: &str = "bodkin.owner";
pub(crate) const STARTED: &str = "bodkin.started";
pub(crate) const ENDS: &str = "bodkin.ends";
pub(crate) const WORKDIR: &str = "bodkin.workdir";
pub(crate) const DISK: &str = "bodkin.disk";
pub(crate) const OUTPUT: &str = "bodkin.output";
pub(crate) const METADATA: &str = "bodkin.metadata.";

/// Files open at once, per process.
const OPEN_FILES: i64 = 4096;

/// The life of the container, in its first process: it ends by itself when time is up, whether or not anybody here
/// still lives; it can not be killed from inside, and what is left over there is reaped by it.
/// The machine's uptime is its clock, which nobody sets.
const LIFE: &str = r#"
up() { read -r up rest < /proc/uptime; up=${up%.*}; }
up; end=$((up + $1))
while up; [ "$up" -lt "$end" ]; do sleep 1 & wait "$!"; done
"#;

/// What a container is made for.
pub(crate) struct Order<'a> {
    pub(crate) options: &'a ContainerOptions,
    pub(crate) kind: Kind,
    pub(crate) limits: &'a Limits,
    pub(crate) workdir: &'a Path,
    /// Bytes that stand in the workspace at first.
    pub(crate) workspace_bytes: u64,
    pub(crate) env: Vec<String>,
    pub(crate) labels: HashMap<String, String>,
}

impl Order<'_> {
    /// The container.
    pub(crate) fn body(&self) -> ContainerCreateBody {
        let seconds = self.limits.wall_ms.div_ceil(1000);
        ContainerCreateBody {
            image: Some(self.options.image.clone()),
            user: Some(format!("{0}:{0}", self.options.user.number())),
            entrypoint: Some(["/bin/sh", "-c", LIFE, "sh"].map(str::to_owned).to_vec()),
            cmd: Some(vec![seconds.to_string()]),
            env: Some(self.env.clone()),
            working_dir: Some("/".to_owned()),
            labels: Some(self.labels.clone()),
            hostname: Some("bodkin".to_owned()),
            network_disabled: Some(true),
            host_config: Some(self.walls()),
            ..ContainerCreateBody::default()
        }
    }

    fn walls(&self) -> HostConfig {
        let memory = self.limits.memory_bytes.saturating_add(self.disk());
        HostConfig {
            network_mode: Some("none".to_owned()),
            readonly_rootfs: Some(true),
            cap_drop: Some(vec!["ALL".to_owned()]),
            security_opt: Some(vec!["no-new-privileges".to_owned()]),
            privileged: Some(false),
            ipc_mode: Some("private".to_owned()),
            pids_limit: Some(i64::from(self.limits.processes).saturating_add(HELPERS)),
            memory: Some(signed(memory)),
            memory_swap: Some(signed(memory)),
            shm_size: Some(signed(self.limits.memory_bytes.min(64 << 20))),
            ulimits: Some(self.ulimits()),
            tmpfs: Some(self.memory_disks()),
            runtime: self.options.runtime.clone(),
            auto_remove: Some(true),
            restart_policy: Some(RestartPolicy::default()),
            log_config: Some(HostConfigLogConfig { typ: Some("none".to_owned()), config: None }),
            ..HostConfig::default()
        }
    }

    /// Bytes of the file systems in memory.
    fn disk(&self) -> u64 {
        self.limits.disk_bytes.saturating_add(self.workspace_bytes)
    }

    fn ulimits(&self) -> Vec<ResourcesUlimits> {
        let limit = |name: &str, most: i64| ResourcesUlimits {
            name: Some(name.to_owned()),
            soft: Some(most),
            hard: Some(most),
        };
        let mut all = vec![
            limit("nofile", OPEN_FILES),
            // Counted over all containers of this user: the exact limit is that of the container.
            limit("nproc", i64::from(self.limits.processes).saturating_mul(8).max(2048)),
            limit("core", 0),
            limit("fsize", signed(self.limits.file_bytes.unwrap_or(self.disk()))),
        ];
        all.extend(self.limits.cpu_ms.map(|ms| limit("cpu", signed(ms.div_ceil(1000)))));
        all
    }

    /// The workspace has half of what may be written, the home and `/tmp` a quarter each.
    fn memory_disks(&self) -> HashMap<String, String> {
        let quarter = (self.limits.disk_bytes / 4).max(1 << 20);
        let at_home = self.workdir == Path::new(HOME);
        let workspace = self.workspace_bytes.saturating_add(2 * quarter);
        let whole = |size: u64| {
            // podman would copy what the image has there, with its owner.
            let plain = match self.kind {
                Kind::Podman => ",notmpcopyup",
                Kind::Docker => "",
            };
            format!("rw,exec,nosuid,nodev,mode=1777,size={size}{plain}")
        };
        let mut disks = HashMap::from([
            ("/tmp".to_owned(), whole(quarter)),
            (HOME.to_owned(), whole(if at_home { workspace + quarter } else { quarter })),
        ]);
        if !at_home {
            disks.insert(self.workdir.to_string_lossy().into_owned(), whole(workspace));
        }
        disks
    }
}

/// Processes that we need ourselves: the container's first and its clock, and the tools of a file operation.
const HELPERS: i64 = 8;

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Where the workspace stands inside: at its own path, unless the system of the image is there.
pub(crate) fn workdir(folder: &Path, at: Option<&Path>) -> std::path::PathBuf {
    const SYSTEM: [&str; 15] = [
        "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "run", "sbin", "sys", "usr",
        "var", "opt",
    ];
    let wanted = at.unwrap_or(folder);
    let mut parts = wanted.components().skip(1);
    let first = parts.next().map(|it| it.as_os_str().to_string_lossy().into_owned());
    let is_plain = wanted.is_absolute()
        && wanted.to_str().is_some_and(|text| !text.contains([':', ',', '\n']))
        && wanted.components().all(|it| !matches!(it, std::path::Component::ParentDir));
    // The whole of /tmp or of the home would hide what else stands there.
    let is_own = first.as_deref().is_some_and(|it| !SYSTEM.contains(&it)) && parts.next().is_some();
    if is_plain && is_own { wanted.to_owned() } else { Path::new(HOME).join("workspace") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Engine;

    fn body(limits: &Limits, kind: Kind) -> ContainerCreateBody {
        let options = ContainerOptions::new(Engine::Tcp("h:1".into()), "image");
        let order = Order {
            options: &options,
            kind,
            limits,
            workdir: Path::new("/w/p"),
            workspace_bytes: 100 << 20,
            env: Vec::new(),
            labels: HashMap::new(),
        };
        order.body()
    }

    #[test]
    fn network_off_unless_permitted_and_every_wall_stands() {
        let body = body(&Limits::default(), Kind::Docker);
        let host = body.host_config.unwrap();
        assert_eq!(host.network_mode.as_deref(), Some("none"));
        assert_eq!(host.cap_drop, Some(vec!["ALL".to_owned()]));
        assert_eq!(host.security_opt, Some(vec!["no-new-privileges".to_owned()]));
        assert_eq!((host.readonly_rootfs, host.privileged), (Some(true), Some(false)));
        assert_eq!((host.binds, host.mounts, host.volumes_from, host.devices), (None, None, None, None));
        assert!(!body.user.unwrap().starts_with("0"));
    }

    #[test]
    fn what_a_run_may_use_up_is_bounded() {
        let limits = Limits { cpu_ms: Some(1500), file_bytes: Some(7), ..Limits::default() };
        let host = body(&limits, Kind::Podman).host_config.unwrap();
        assert_eq!(host.pids_limit, Some(264));
        assert_eq!(host.memory, Some((2 << 30) + (612 << 20)));
        assert_eq!(host.memory, host.memory_swap);
        let of = |name: &str| {
            let all = host.ulimits.clone().unwrap();
            all.into_iter().find(|it| it.name.as_deref() == Some(name)).and_then(|it| it.hard)
        };
        assert_eq!((of("fsize"), of("cpu"), of("core")), (Some(7), Some(2), Some(0)));
        let disks = host.tmpfs.unwrap();
        let size = format!("size={},notmpcopyup", (100 + 256) << 20);
        assert!(disks["/w/p"].ends_with(&size) && disks["/tmp"].contains("nosuid"));
    }

    #[test]
    fn a_workspace_stands_at_its_own_path_unless_the_image_is_there() {
        let at = |folder: &str, at: Option<&str>| workdir(Path::new(folder), at.map(Path::new));
        assert_eq!(at("/home/me/p", None), Path::new("/home/me/p"));
        assert_eq!(at("/home/me/p", Some("/srv/x")), Path::new("/srv/x"));
        for hidden in ["/usr/src/p", "/p", "/tmp", "/", "relative", "/home/a:b", "/srv/../etc/p"] {
            assert_eq!(at(hidden, None), Path::new("/home/user/workspace"), "{hidden}");
        }
    }
}
