//! How strong the walls of this engine are, from what it says of itself.

use std::path::Path;

use bodkin_guard::report::{Isolation, IsolationLevel};
use bollard::models::SystemInfo;

use crate::options::ContainerOptions;

/// The engine's own account, judged.
pub(crate) fn of(options: &ContainerOptions, info: &SystemInfo) -> Isolation {
    let security = info.security_options.clone().unwrap_or_default();
    let has = |name: &str| security.iter().any(|it| it.split(',').any(|part| part == format!("name={name}")));
    let runtime = options.runtime.as_deref().or(info.default_runtime.as_deref()).unwrap_or_default();
    let is_virtual = is_strong(runtime);
    let mut missing = Vec::new();
    if !has("seccomp") && !is_virtual {
        missing.push("the engine filters no system calls (seccomp)".to_owned());
    }
    if info.memory_limit != Some(true) {
        missing.push("the engine can not limit memory on that machine".to_owned());
    }
    if info.pids_limit != Some(true) {
        missing.push("the engine can not limit the number of processes on that machine".to_owned());
    }
    if !(has("rootless") || has("userns") || is_virtual) {
        missing.push(
            "the engine runs as root without user namespaces, so a hole in the kernel or the engine opens that \
             machine"
                .to_owned(),
        );
    }
    Isolation { backend: backend(options, runtime), level: IsolationLevel::Full, missing }
}

/// `container`, the engine's address and the runtime.
fn backend(options: &ContainerOptions, runtime: &str) -> String {
    match runtime {
        "" => format!("container ({})", options.engine),
        runtime => format!("container ({}, {runtime})", options.engine),
    }
}

/// Runtimes that put a kernel of their own between the container and the machine.
fn is_strong(runtime: &str) -> bool {
    let name = Path::new(runtime).file_name().unwrap_or_default().to_string_lossy().into_owned();
    ["runsc", "kata", "krun", "firecracker"].iter().any(|it| name.starts_with(it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Engine;

    fn info(security: &[&str], limits: bool) -> SystemInfo {
        SystemInfo {
            security_options: Some(security.iter().map(|it| (*it).to_owned()).collect()),
            memory_limit: Some(limits),
            pids_limit: Some(limits),
            default_runtime: Some("runc".to_owned()),
            ..SystemInfo::default()
        }
    }

    fn options(runtime: Option<&str>) -> ContainerOptions {
        let runtime = runtime.map(str::to_owned);
        ContainerOptions { runtime, ..ContainerOptions::new(Engine::Tcp("h:1".into()), "i") }
    }

    #[test]
    fn a_rootless_engine_with_all_limits_lacks_nothing() {
        let isolation = of(&options(None), &info(&["name=seccomp,profile=default", "name=rootless"], true));
        assert_eq!(isolation.missing, [""; 0]);
        assert_eq!(isolation.backend, "container (tcp://h:1, runc)");
    }

    #[test]
    fn what_an_engine_can_not_do_is_said() {
        assert_eq!(of(&options(None), &info(&[], false)).missing.len(), 4);
        assert_eq!(of(&options(Some("runsc")), &info(&[], true)).missing, [""; 0]);
    }
}
