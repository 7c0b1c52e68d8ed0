//! The attempts, and what a place must offer so that they can be made in it.
//!
//! Each attempt is a real program that runs twice: where nothing holds it back, to show that it works at all
//! (the control), and in a cage. What counts is what the host finds afterwards, not what the program was told.
//! A new cage is one file that implements [`Cage`] and calls [`whole_battery`].

#![allow(dead_code, unused_macros, unused_imports, reason = "each cage's tests use a part of the kit")]

pub(crate) mod calls;
pub(crate) mod changes;
pub(crate) mod doors;
pub(crate) mod files;
mod ground;
pub(crate) mod limits;
pub(crate) mod network;
pub(crate) mod processes;
mod program;
pub(crate) mod session;
pub(crate) mod terminal;
mod traces;

use std::collections::BTreeMap;

use bodkin_guard::action::Limits;
use bodkin_guard::report::Exit;
use bodkin_sandbox::changes::Changes;

pub(crate) use ground::Ground;
pub(crate) use traces::nothing_left_of;

/// Somewhere programs run that are not trusted.
pub(crate) trait Cage {
    /// What holds, and whose it is.
    fn kind(&self) -> Kind;

    /// What does not hold, as it says itself (`Isolation::missing`).
    fn missing(&self) -> Vec<String>;

    /// Runs a program over the ground's workspace, waits for its end, and takes the cage down.
    fn run(&self, ground: &Ground, visit: &Visit) -> Said;

    /// Whether the attempts may be made where this process is.
    fn is_here(&self) -> bool {
        true
    }

    /// Whether it says itself that something does not hold, by a word of the sentence.
    fn admits(&self, word: &str) -> bool {
        self.missing().iter().any(|sentence| sentence.to_lowercase().contains(word))
    }

    /// How much more than its limits on memory and disk it gives, MiB: the room for a copied workspace.
    fn slack_mib(&self) -> u64 {
        0
    }

    /// Whether its walls are namespaces of its own.
    fn is_whole(&self) -> bool {
        match self.kind() {
            Kind::Local | Kind::Session | Kind::Daemon | Kind::Container => true,
            Kind::Reduced => false,
        }
    }

    /// Runs a visit that must leave nothing behind.
    fn visit(&self, ground: &Ground, visit: Visit) -> Said {
        let said = self.run(ground, &visit);
        nothing_left_of(self, ground, &visit, &said);
        said
    }

    /// Makes two visits at once, both shell lines.
    fn two_at_once(&self, ground: &Ground, lines: [&str; 2]) -> [Said; 2]
    where
        Self: Sync,
    {
        let visits = lines.map(|line| Visit::new(&["/bin/sh", "-c", line]));
        let said = std::thread::scope(|scope| {
            visits
                .each_ref()
                .map(|visit| scope.spawn(|| self.run(ground, visit)))
                .map(|it| it.join().unwrap())
        });
        for (visit, said) in visits.iter().zip(&said) {
            nothing_left_of(self, ground, visit, said);
        }
        said
    }

    /// Runs the program of all attempts.
    fn attack(&self, ground: &Ground, arguments: &[&str]) -> Said {
        self.visit(ground, Visit::attack(arguments))
    }

    /// Runs a shell line.
    fn shell(&self, ground: &Ground, line: &str) -> Said {
        self.visit(ground, Visit::new(&["/bin/sh", "-c", line]))
    }
}

/// Which kind of cage. Expected results differ only where an attempt says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One command behind namespaces of this machine.
    Local,
    /// A session behind namespaces of this machine.
    Session,
    /// No namespaces.
    Reduced,
    /// A container engine's.
    Container,
    /// A daemon's, reached through its sockets.
    Daemon,
}

/// One program to run in a cage.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) argv: Vec<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) limits: Limits,
    /// Bring back what it changed.
    pub(crate) changes: bool,
    /// A word that no other process of the machine has in its environment.
    pub(crate) mark: String,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) exit: Exit,
    pub(crate) changes: Changes,
    /// The namespaces that it ran in, as links of `/proc/<pid>/ns` read.
    pub(crate) spaces: Vec<String>,
    /// Bytes that it printed, passed on or not.
    pub(crate) output_bytes: u64,
}

impl Visit {
    pub(crate) fn new(argv: &[&str]) -> Self {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mark = format!("attempt-{}-{count}", std::process::id());
        Self {
            argv: argv.iter().map(|it| (*it).to_owned()).collect(),
            env: BTreeMap::from([("BODKIN_ATTEMPT".to_owned(), mark.clone())]),
            limits: Limits { wall_ms: 60_000, ..Limits::default() },
            changes: false,
            mark,
        }
    }

    pub(crate) fn attack(arguments: &[&str]) -> Self {
        Self::new(&[&["./attack"], arguments].concat())
    }

    /// The program after a shell that first tells, on standard error, which namespaces it is in.
    pub(crate) fn told(&self) -> Vec<String> {
        let line =
            "for i in net pid mnt ipc; do readlink /proc/self/ns/$i || echo none; done >&2; exec \"$@\"";
        ["/bin/sh", "-c", line, "sh"]
            .into_iter()
            .map(str::to_owned)
            .chain(self.argv.iter().cloned())
            .collect()
    }
}

impl Said {
    /// Takes the first lines of standard error for the namespaces that [`Visit::told`] tells.
    pub(crate) fn new(stdout: &[u8], stderr: &[u8], exit: Exit) -> Self {
        let stderr = String::from_utf8_lossy(stderr);
        let (spaces, rest): (Vec<&str>, Vec<&str>) = stderr
            .lines()
            .partition(|line| line.ends_with(']') && line.contains(":[") && !line.contains(' '));
        Self {
            stdout: String::from_utf8_lossy(stdout).into_owned(),
            stderr: rest.join("\n"),
            exit,
            changes: Changes::default(),
            spaces: spaces.into_iter().map(str::to_owned).collect(),
            output_bytes: (stdout.len() + stderr.len()) as u64,
        }
    }

    /// Each attempt and its outcome, in order: lines of the form `name: outcome`.
    pub(crate) fn outcomes(&self) -> Vec<(&str, &str)> {
        self.stdout.lines().filter_map(|line| line.rsplit_once(": ")).collect()
    }

    /// How one attempt went.
    pub(crate) fn outcome(&self, name: &str) -> &str {
        let found = self.outcomes().into_iter().find(|(it, _)| *it == name);
        found.map(|(_, outcome)| outcome).unwrap_or_else(|| panic!("no {name:?} in {self:?}"))
    }

    /// The names of those that went through.
    pub(crate) fn successes(&self) -> Vec<&str> {
        self.outcomes().into_iter().filter(|(_, outcome)| *outcome == "ok").map(|(name, _)| name).collect()
    }
}

/// Whether this process may do all on the host.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Makes a test of each attempt in `$cage`, an expression of a type that implements [`Cage`].
macro_rules! attempts {
    ($cage:expr; $($theme:ident: $($name:ident)+;)+) => {
        $(mod $theme {
            $(#[test]
            fn $name() {
                let cage = &$cage;
                if crate::battery::Cage::is_here(cage) {
                    crate::battery::$theme::$name(cage);
                }
            })+
        })+
    };
}
pub(crate) use attempts;

/// All attempts that every cage must stand.
macro_rules! whole_battery {
    ($cage:expr) => {
        crate::battery::all_but_limits!($cage);
        crate::battery::all_limits!($cage);
    };
}
pub(crate) use whole_battery;

/// Those that can be made where nobody says how much a visit may take.
macro_rules! all_but_limits {
    ($cage:expr) => {
        crate::battery::attempts! { $cage;
            files:
                keys_and_other_projects_can_not_be_read
                links_of_the_workspace_lead_nowhere
                nothing_can_be_written_outside
                what_is_written_to_shared_folders_is_seen_by_nobody
                no_way_of_changing_a_file_changes_the_workspace
                what_another_sandbox_writes_is_not_seen
                attributes_for_the_overlay_that_came_with_the_workspace_open_nothing
                a_folder_that_moves_away_leads_no_process_out;
            doors:
                no_open_file_is_inherited
                process_1_lends_nothing
                a_file_that_may_be_read_can_not_be_reopened_for_writing
                the_end_of_the_run_can_not_be_forged
                the_hosts_variables_are_nowhere_to_be_read
                the_helpers_own_program_can_not_be_reached_through_an_interpreter_line
                a_file_of_the_workspace_is_not_mistaken_for_a_tool_of_the_cage;
            processes:
                processes_of_the_host_can_not_be_reached
                a_sandbox_does_not_see_its_neighbour
                killing_everything_kills_only_what_is_inside
                what_leaves_its_parents_dies_with_the_run
                what_hears_no_signal_is_stopped_with_its_children
                nothing_dumps_core_outside
                memory_and_queues_of_the_host_have_no_names_here;
            calls:
                no_call_opens_more_of_the_kernel
                there_is_no_privilege_and_no_way_to_one
                a_setuid_program_gives_nothing
                users_can_not_be_mapped_anew
                devices_and_switches_of_the_host_can_not_be_opened;
            network:
                programs_of_the_host_can_not_be_reached
                nothing_leaves_the_machine
                sockets_of_the_host_can_not_be_reached
                what_is_inside_reaches_itself
                interfaces_can_not_be_changed;
            terminal:
                there_is_no_terminal_to_type_into;
        }
    };
}
pub(crate) use all_but_limits;

/// Those that take more than was given.
macro_rules! all_limits {
    ($cage:expr) => {
        crate::battery::attempts! { $cage;
            limits:
                a_fork_bomb_finds_a_wall
                threads_count_as_processes
                memory_has_an_end
                memory_that_belongs_to_no_process_has_an_end
                forks_that_take_memory_end_both
                written_bytes_have_an_end
                names_of_files_have_an_end
                a_giant_that_takes_no_room_is_refused
                a_flood_of_output_is_cut
                time_of_the_processor_has_an_end
                watchers_of_files_are_left_for_others;
        }
    };
}
pub(crate) use all_limits;

/// All attempts on whoever takes changes back.
macro_rules! hostile_changes {
    ($cage:expr) => {
        crate::battery::attempts! { $cage;
            changes:
                traps_come_back_as_what_they_are_or_not_at_all
                what_would_run_outside_later_is_held_back
                no_change_lies_behind_a_link
                forged_words_of_the_overlay_come_back_as_no_more_than_removals
                more_than_may_come_back_is_left_out_and_told;
        }
    };
}
pub(crate) use hostile_changes;
