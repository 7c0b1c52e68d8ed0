//! Taking more than was given. The control of each is the same program under a wide limit in the same cage: what
//! stops it under the narrow one is the limit.

use bodkin_guard::report::{Exit, Stop};

use super::{Cage, Ground, Kind, Said, Visit};

const MIB: u64 = 1 << 20;

/// Runs an attack within limits that `narrow` sets.
fn within(cage: &impl Cage, arguments: &[&str], narrow: impl Fn(&mut bodkin_guard::action::Limits)) -> Said {
    let mut visit = Visit::attack(arguments);
    narrow(&mut visit.limits);
    cage.visit(&Ground::new(), visit)
}

/// Whether a cage stopped it for its memory, or let it run into a wall of its own.
fn is_stopped(said: &Said) -> bool {
    matches!(said.exit, Exit::Stopped(Stop::Memory) | Exit::Signal(9 | 11) | Exit::Code(12 | 137))
}

/// Attempt 29.
pub(crate) fn a_fork_bomb_finds_a_wall(cage: &impl Cage) {
    let bomb = |most: u32| within(cage, &["limits", "forks"], |limits| limits.processes = most);
    let (narrow, wide) = (bomb(40), bomb(150));
    let count = |said: &Said| said.stdout.split(' ').next().unwrap().parse::<u32>();
    // Where nothing counts in the kernel, a watch kills all when there are too many.
    assert!(count(&narrow).map_or(narrow.exit != Exit::Code(0), |it| it <= 46), "{narrow:?}");
    assert!(count(&wide).is_ok_and(|it| it > 60) || wide.exit != Exit::Code(0), "{wide:?}");
}

/// Threads are processes to the kernel, and to the limit.
pub(crate) fn threads_count_as_processes(cage: &impl Cage) {
    let bomb = |most: u32| within(cage, &["limits", "threads"], |limits| limits.processes = most);
    let (narrow, wide) = (bomb(40), bomb(150));
    let count = |said: &Said| said.stdout.trim().parse::<u32>();
    assert!(count(&narrow).map_or(narrow.exit != Exit::Code(0), |it| it <= 46), "{narrow:?}");
    assert!(count(&wide).is_ok_and(|it| it > 60) || wide.exit != Exit::Code(0), "{wide:?}");
}

/// Attempt 30: of one process.
pub(crate) fn memory_has_an_end(cage: &impl Cage) {
    let hog = |most: u64| {
        within(cage, &["limits", "memory", &(300 + cage.slack_mib()).to_string()], |limits| {
            (limits.memory_bytes, limits.disk_bytes) = (most * MIB, 16 * MIB);
        })
    };
    let (narrow, wide) = (hog(64), hog(3072));
    assert!(is_stopped(&narrow), "{narrow:?}");
    assert_eq!(wide.exit, Exit::Code(0), "{wide:?}");
}

/// Attempt 30: files without a name and shared maps, which no process has alone.
pub(crate) fn memory_that_belongs_to_no_process_has_an_end(cage: &impl Cage) {
    let hog = |most: u64| {
        within(cage, &["limits", "shares", &(300 + cage.slack_mib()).to_string()], |limits| {
            (limits.memory_bytes, limits.disk_bytes) = (most * MIB, 16 * MIB);
        })
    };
    let (narrow, wide) = (hog(64), hog(3072));
    assert!(is_stopped(&narrow), "{narrow:?}");
    assert_eq!(wide.exit, Exit::Code(0), "{wide:?}");
}

/// Attempts 29 and 30 together.
pub(crate) fn forks_that_take_memory_end_both(cage: &impl Cage) {
    let said = within(cage, &["limits", "bombs"], |limits| {
        (limits.memory_bytes, limits.disk_bytes, limits.processes) = (128 * MIB, 16 * MIB, 64);
    });
    assert_ne!(said.exit, Exit::Code(0), "{said:?}");
    assert_ne!(said.exit, Exit::Stopped(Stop::WallTime), "{said:?}");
}

/// Attempt 31: all folders that can be written to share one limit.
pub(crate) fn written_bytes_have_an_end(cage: &impl Cage) {
    let fill = |most: u64| {
        within(cage, &["limits", "disk", ".", "/tmp", "/var/tmp", "/dev/shm", "/run"], |limits| {
            limits.disk_bytes = most * MIB;
        })
    };
    if cage.admits("disk use") {
        return; // Where only each file is limited, it would be the host's disk that is filled.
    }
    let narrow = fill(16);
    if cage.kind() == Kind::Container && is_stopped(&narrow) {
        return; // Folders of the engine's own making are memory, and its limit came first.
    }
    let written = |said: &Said| said.stdout.trim().parse::<u64>().unwrap_or_else(|_| panic!("{said:?}"));
    let (narrow, wide) = (written(&narrow), written(&fill(80)));
    assert!(narrow <= 18 + cage.slack_mib(), "{narrow} MiB");
    assert!(wide > narrow + 32, "{wide} MiB");
}

/// Attempt 31: so do their names.
pub(crate) fn names_of_files_have_an_end(cage: &impl Cage) {
    if cage.admits("disk use") || cage.kind() == Kind::Container {
        return; // In a container memory bounds them, which takes minutes to show.
    }
    let said = within(cage, &["limits", "names", "/tmp"], |limits| limits.disk_bytes = 16 * MIB);
    let count: u64 = said.stdout.split(' ').next().unwrap().parse().unwrap();
    assert!((1000..=1_100_000).contains(&count), "{said:?}");
}

/// A sparse file of a terabyte. The control: one that fits is made.
pub(crate) fn a_giant_that_takes_no_room_is_refused(cage: &impl Cage) {
    let ground = Ground::new();
    let said = cage.attack(&ground, &["limits", "size", "giant"]);
    let line = "head -c 1000000 /dev/zero > fits && wc -c < fits";
    assert_eq!(cage.shell(&ground, line).stdout.trim(), "1000000");
    assert_ne!(said.outcome("a terabyte"), "ok");
}

/// Attempt 32: without a line, to both streams.
pub(crate) fn a_flood_of_output_is_cut(cage: &impl Cage) {
    let flood =
        |most: u64| within(cage, &["limits", "flood", "64"], |limits| limits.output_bytes = most * MIB);
    let (narrow, wide) = (flood(1), flood(100));
    assert_eq!(narrow.exit, Exit::Stopped(Stop::Output), "{} bytes", narrow.stdout.len());
    assert!(narrow.stdout.len() <= MIB as usize);
    assert_eq!((wide.exit, wide.stdout.len()), (Exit::Code(0), 64 << 20));
}

/// Processes that only turn: more time of the processor than was given, all of them together.
pub(crate) fn time_of_the_processor_has_an_end(cage: &impl Cage) {
    let said = within(cage, &["limits", "spin", "4"], |limits| limits.cpu_ms = Some(1_000));
    assert_ne!(said.exit, Exit::Code(0), "{said:?}");
    assert!(said.exit != Exit::Stopped(Stop::WallTime) || cage.kind() == Kind::Container, "{said:?}");
}

/// Watchers of files are counted for each user of the machine, sandboxes included: whoever takes all of them
/// inside blinds the user's editors. The control takes all that there are for one user.
pub(crate) fn watchers_of_files_are_left_for_others(cage: &impl Cage) {
    let ground = Ground::new();
    let count = |said: &Said| said.stdout.split(' ').next().unwrap().parse::<u64>().unwrap();
    let all = std::fs::read_to_string("/proc/sys/fs/inotify/max_user_instances")
        .unwrap()
        .trim()
        .parse::<u64>()
        .unwrap();
    let outside = count(&ground.outside(&["limits", "watches"]));
    let inside = count(&cage.attack(&ground, &["limits", "watches"]));
    assert!(outside > all / 2 || outside > 900, "the control takes what there is: {outside}");
    assert!(inside >= 8, "tools that watch do work: {inside}");
    assert!(inside <= all / 2 || !cage.is_whole() || cage.kind() == Kind::Container, "{inside} of {all}");
}
