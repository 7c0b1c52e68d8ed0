//! Processes: those of the host can not be reached, those of the run do not outlive it.

use std::fs;
use std::process::{Child, Command, Stdio};

use bodkin_guard::report::{Exit, Stop};

use super::{Cage, Ground, Kind, Visit};

/// A process of the host that attempts are aimed at; it is killed when this is dropped.
struct Victim(Child);

impl Victim {
    fn new(ground: &Ground) -> Self {
        let child = Command::new(ground.path("control/attack"))
            .args(["processes", "stay", &format!("victim-{}", ground.name())])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        // Until it has become what it is to be, its name is this program's.
        while !fs::read_to_string(format!("/proc/{}/cmdline", child.id())).unwrap().contains("stay") {
            std::thread::yield_now();
        }
        Self(child)
    }

    fn is_alive(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Attempts 11 and 12: seen, killed, traced, read, joined, slowed down.
pub(crate) fn processes_of_the_host_can_not_be_reached(cage: &impl Cage) {
    let ground = Ground::new();
    let aim = |victim: &Victim| [victim.0.id().to_string(), format!("victim-{}", ground.name())];
    let mut control = Victim::new(&ground);
    let [id, mark] = aim(&control);
    let outside = ground.outside(&["processes", "reach", &id, &mark]);
    assert!(!outside.stdout.starts_with("seen: 0"), "{outside:?}");
    assert!(control.0.wait().unwrap().code().is_none(), "it was killed");
    assert!(outside.successes().len() >= 12, "{outside:?}");
    let mut victim = Victim::new(&ground);
    let [id, mark] = aim(&victim);
    let said = cage.attack(&ground, &["processes", "reach", &id, &mark]);
    assert!(said.stdout.starts_with("seen: 0\n") || cage.admits("be seen"), "{said:?}");
    if !cage.admits("signals") {
        // The kernel drops a signal by descriptor when it is sent: only the victim tells.
        let bearable = ["pidfd_open", "affinity", "priority", "signal by descriptor"];
        let harmless = |name: &&str| cage.admits("be seen") && bearable.contains(name);
        let through: Vec<&str> = said.successes().into_iter().filter(|it| !harmless(it)).collect();
        assert_eq!(through, Vec::<&str>::new(), "{said:?}");
        assert!(victim.is_alive());
    }
}

/// The same between two sandboxes: the neighbour has a file and a process that would be told apart anywhere.
pub(crate) fn a_sandbox_does_not_see_its_neighbour(cage: &(impl Cage + Sync)) {
    let ground = Ground::new();
    let mark = format!("neighbour-{}", ground.name());
    // Each starts a process with the mark; alone, one of them is seen: that is the control.
    let line = format!(
        "./attack processes stay {mark} & sleep 0.1; ./attack processes reach 1000000 {mark}; kill %1"
    );
    let said = cage.two_at_once(&ground, [&line, &line]);
    for one in &said {
        // Its own process, and nothing more; the shell carries the mark as well.
        let seen: u32 = one.outcomes().first().unwrap().1.parse().unwrap();
        assert!(seen >= 1, "{one:?}");
        assert!(seen <= 2 || cage.admits("be seen"), "{one:?}");
    }
}

/// Attempts 11 and 13: `kill -1`, and whatever is sent to process 1.
pub(crate) fn killing_everything_kills_only_what_is_inside(cage: &impl Cage) {
    if !cage.is_whole() {
        return; // It would be this test that dies: what is not held is said, and shown with one victim above.
    }
    let ground = Ground::new();
    let mut victim = Victim::new(&ground);
    let host = fs::read_link("/proc/self/ns/pid").unwrap().display().to_string();
    assert_eq!(
        ground.outside(&["processes", "kill-all", &host]).exit,
        Exit::Code(64),
        "it is told the host by this"
    );
    assert_eq!(
        ground.open_room(&["processes", "kill-all", &host]).exit,
        Exit::Code(0),
        "alone in a room it may"
    );
    let line = format!(
        "./attack processes stay x & ./attack processes kill-all '{host}'; ./attack processes stop-all '{host}'; echo on"
    );
    let said = cage.shell(&ground, &line);
    assert!(!matches!(said.exit, Exit::Code(0)) || said.stdout.ends_with("on\n"), "{said:?}");
    assert!(victim.is_alive());
    // A program that stops its own process 1 is not waited for forever.
    let mut visit = Visit::attack(&["processes", "stop-all", &host]);
    visit.limits.wall_ms = 3_000;
    let said = cage.visit(&ground, visit);
    assert!(
        said.exit == Exit::Code(0)
            || said.exit == Exit::Stopped(Stop::WallTime)
            || cage.kind() == Kind::Container,
        "{said:?}"
    );
    assert!(victim.is_alive());
}

/// Attempt 34: a daemon twice forked, deaf, in a session of its own, and children that nobody waits for.
/// invariant: a-killed-run-leaves-no-process
pub(crate) fn what_leaves_its_parents_dies_with_the_run(cage: &impl Cage) {
    let ground = Ground::new();
    let mark = format!("leaver-{}", ground.name());
    let outside = ground.outside(&["processes", "leave", &mark]);
    assert_eq!(outside.stdout, "left\n");
    let mut control = marked(&mark);
    while control.is_empty() {
        control = marked(&mark);
    }
    for process in control {
        rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
    }
    while !marked(&mark).is_empty() {
        std::thread::yield_now();
    }
    let said =
        cage.shell(&ground, &format!("./attack processes leave {mark}; ./attack processes leave {mark}"));
    assert_eq!(said.stdout, "left\nleft\n");
    assert!(marked(&mark).is_empty() || cage.admits("outlive"), "a-killed-run-leaves-no-process");
}

fn marked(mark: &str) -> Vec<rustix::process::Pid> {
    let pids =
        fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let is_marked = |pid: &i32| {
        fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|it| String::from_utf8_lossy(&it).contains(mark))
    };
    pids.filter(is_marked).filter_map(rustix::process::Pid::from_raw).collect()
}

/// Attempt 33: no signal is heard, and the child is in a session of its own. The control: it does hang, or it
/// would have ended by itself.
pub(crate) fn what_hears_no_signal_is_stopped_with_its_children(cage: &impl Cage) {
    let ground = Ground::new();
    let mut visit = Visit::attack(&["limits", "hang"]);
    visit.limits.wall_ms = 1_000;
    let said = cage.visit(&ground, visit);
    assert_eq!(said.exit, Exit::Stopped(Stop::WallTime), "{said:?}");
    assert!(said.stdout.starts_with("hanging\n"));
}

/// A crash writes no core file, and feeds no pipe of the host's: only a limit of one byte forbids both. That
/// the pipe would be fed can not be shown without changing a switch of the whole machine.
pub(crate) fn nothing_dumps_core_outside(cage: &impl Cage) {
    let ground = Ground::new();
    let said = cage.attack(&ground, &["escalations", "core"]);
    assert!(matches!(said.exit, Exit::Signal(6) | Exit::Code(134)), "{said:?}");
    let limit = said.stdout.trim().strip_prefix("core limit ").unwrap();
    assert!(limit == "1" || (limit == "0" && cage.kind() == Kind::Container), "{limit}");
    let core = |folder: &str| {
        fs::read_dir(folder).unwrap().any(|it| it.unwrap().file_name().to_string_lossy().starts_with("core"))
    };
    assert!(!core(&ground.text("ws")) && !core(&ground.text("")));
}

/// Shared memory, semaphores, message queues that exist on the host under a known name.
pub(crate) fn memory_and_queues_of_the_host_have_no_names_here(cage: &impl Cage) {
    let ground = Ground::new();
    let key =
        (std::process::id() as usize * 64 + ground.name().len() + usize::from(ground.name().as_bytes()[5]))
            .to_string();
    let name = format!("/bodkin-{}", ground.name());
    ground.outside(&["shared", &key, &name, "make"]);
    let control = ground.outside(&["shared", &key, &name]);
    let said = cage.attack(&ground, &["shared", &key, &name]);
    ground.outside(&["shared", &key, &name, "remove"]);
    assert!(control.successes().len() >= 4, "{control:?}");
    assert!(said.successes().is_empty() || cage.kind() == Kind::Reduced, "{said:?}");
}
