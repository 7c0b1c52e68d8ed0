//! Processes of a session.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use bodkin_guard::action::Limits;
use bodkin_guard::report::{Exit, Stop};
use bodkin_sandbox::session::{Base, ProcessEvent, ProcessOrder, TerminalSize};

use crate::scene::{
    LONG, create, empty, hear, hear_until, home, kind, order, prints, run, shell, start, text,
};

#[test]
fn a_process_tells_its_two_streams_and_its_end() {
    let (_scene, session) = empty();
    let said = run(&*session, shell("echo out; echo err >&2; exit 7"));
    assert_eq!((said.stdout.as_str(), said.stderr.as_str()), ("out\n", "err\n"));
    assert_eq!(said.exit, Exit::Code(7));
    assert_eq!(run(&*session, shell("kill -TERM $$")).exit, Exit::Signal(15));
}

#[test]
fn a_program_that_is_not_there_exits_as_in_a_shell() {
    let (_scene, session) = empty();
    let said = run(&*session, ProcessOrder::new(["no-such-program"]));
    assert_eq!(said.exit, Exit::Code(127));
    assert_eq!(said.stderr, "bodkin: no-such-program: not found in the sandbox\n");
}

#[test]
fn it_runs_as_user_in_its_home_with_the_variables_that_were_named() {
    let (_scene, session) = empty();
    let line = "pwd; whoami; echo $HOME $USER $GREETING $MORE; umask; ps >/dev/null 2>&1; echo $$";
    let env =
        BTreeMap::from([("MORE".to_owned(), "x".to_owned()), ("GREETING".to_owned(), "bye".to_owned())]);
    let said = run(&*session, ProcessOrder { env, ..shell(line) });
    assert!(said.stdout.starts_with("/home/user\nuser\n/home/user user bye x\n0022\n"), "{}", said.stdout);
    assert_eq!(prints(&*session, "echo $GREETING"), "hello\n");
    let elsewhere = ProcessOrder { cwd: Some(PathBuf::from("/tmp")), ..shell("pwd") };
    assert_eq!(run(&*session, elsewhere).stdout, "/tmp\n");
}

#[test]
fn no_secret_of_the_host_and_no_descriptor_of_the_helper_is_seen() {
    let (_scene, session) = empty();
    let open = prints(&*session, "ls -l /proc/self/fd | grep -c -v total");
    // Standard input, output, error, and the folder that is listed.
    assert_eq!(open.trim(), "4");
    assert!(prints(&*session, "tr '\\0' ' ' < /proc/1/cmdline").starts_with("bodkin-sandbox __sandbox-init"));
    let said = run(&*session, shell("ls /proc/1/fd /proc/1/root; cat /proc/1/environ"));
    assert_ne!(said.exit, Exit::Code(0));
    assert_eq!(said.stdout.trim(), "", "{}", said.stdout);
}

#[test]
fn standard_input_is_heard_until_it_is_closed() {
    let (_scene, session) = empty();
    let process = session.start(ProcessOrder { stdin: true, ..ProcessOrder::new(["cat"]) }).unwrap();
    let mut listener = process.listen();
    process.write(b"one").unwrap();
    assert_eq!(listener.next(LONG), Some(ProcessEvent::Stdout(b"one".to_vec())));
    process.write(b"two").unwrap();
    process.close_stdin().unwrap();
    assert_eq!(hear(&mut *listener).stdout, "two");
    assert_eq!(kind(process.write(b"late")), ErrorKind::BrokenPipe);
    assert_eq!(run(&*session, ProcessOrder::new(["cat"])).stdout, "");
}

#[test]
fn a_terminal_is_one_and_has_the_size_that_it_is_given() {
    let (_scene, session) = empty();
    let size = TerminalSize { columns: 93, rows: 31 };
    let line = "tty; stty size; read x; stty size; test -t 0 -a -t 1 -a -t 2 && echo got $x";
    let process = session.start(ProcessOrder { terminal: Some(size), ..shell(line) }).unwrap();
    let mut listener = process.listen();
    hear_until(&mut *listener, "31 93");
    process.resize(TerminalSize { columns: 40, rows: 10 }).unwrap();
    process.write(b"word\n").unwrap();
    let said = hear(&mut *listener);
    assert!(said.terminal.contains("10 40") && said.terminal.contains("got word"), "{}", said.terminal);
    let mut typed = session
        .start(ProcessOrder {
            terminal: Some(size),
            ..shell("trap 'echo caught; exit 3' INT; echo on; read x")
        })
        .map(|process| (process.listen(), process))
        .unwrap();
    hear_until(&mut *typed.0, "on");
    typed.1.write(&[3]).unwrap();
    let said = hear(&mut *typed.0);
    assert!(said.terminal.contains("caught") && said.exit == Exit::Code(3), "{}", said.terminal);
    assert_eq!(kind(start(&*session, "true").resize(size)), ErrorKind::InvalidInput);
}

#[test]
fn signals_reach_the_whole_group() {
    let (_scene, session) = empty();
    let process = start(&*session, "sleep 1000 & echo on; wait");
    let mut listener = process.listen();
    hear_until(&mut *listener, "on");
    process.signal(15).unwrap();
    assert_eq!(hear(&mut *listener).exit, Exit::Signal(15));
    // The signal reaches all at once; the last of them dies a moment after the first.
    assert!((0..10_000).any(|_| session.usage().unwrap().processes == 0));
    assert_eq!(kind(process.signal(15)), ErrorKind::NotFound);
}

#[test]
fn a_process_is_killed_at_its_deadline_and_above_its_output() {
    let (scene, session) = empty();
    let late = ProcessOrder { deadline: Some(Duration::from_millis(50)), ..shell("sleep 1000") };
    assert_eq!(run(&*session, late).exit, Exit::Stopped(Stop::WallTime));
    let limits = Limits { output_bytes: 100_000, ..order(Base::Empty).limits };
    let session = create(&scene, bodkin_sandbox::session::SessionOrder { limits, ..order(Base::Empty) });
    let said = run(&*session, shell("yes"));
    assert_eq!((said.exit, said.stdout.len()), (Exit::Stopped(Stop::Output), 100_000));
}

#[test]
fn it_is_held_up_while_nobody_reads_and_nothing_of_what_it_says_is_lost() {
    let (_scene, session) = empty();
    // Far more than the kept bytes and the pipe hold; the file tells how far it came.
    let line = "i=0; while [ $i -lt 40 ]; do head -c 16384 /dev/zero | tr '\\0' x; i=$((i+1)); echo $i > n; done; echo end >&2";
    let process = start(&*session, line);
    let other =
        start(&*session, "while ! grep -q '^[5-9]$' n 2>/dev/null; do sleep 0.01; done; sleep 0.3; cat n");
    let came_to: u32 = hear(&mut *other.listen()).stdout.trim().parse().unwrap();
    assert!(came_to < 12, "{came_to}");
    assert_eq!(process.exit(), None);
    let said = hear(&mut *process.listen());
    assert_eq!((said.stdout.len(), said.stderr.as_str()), (40 * 16384, "end\n"));
}

#[test]
fn it_lives_on_when_its_listener_has_gone_and_says_how_it_ended_to_a_late_one() {
    let (_scene, session) = empty();
    let line =
        "echo on; while [ ! -e go ]; do sleep 0.01; done; head -c 300000 /dev/zero; touch done; exit 4";
    let process = start(&*session, line);
    hear_until(&mut *process.listen(), "on");
    prints(&*session, "touch go; while [ ! -e done ]; do sleep 0.01; done");
    let said = hear(&mut *process.listen());
    assert_eq!(said.exit, Exit::Code(4));
    assert!(said.stdout.len() < 300_000, "{}", said.stdout.len());
    assert_eq!(hear(&mut *process.listen()).exit, Exit::Code(4));
    assert_eq!((process.exit(), session.processes().len()), (Some(Exit::Code(4)), 2));
}

#[test]
fn what_a_process_leaves_behind_lives_on_and_does_not_hold_up_its_end() {
    let (_scene, session) = empty();
    let said = run(&*session, shell("(while true; do echo tick; sleep 0.05; done) & echo $! > pid"));
    assert_eq!(said.exit, Exit::Code(0));
    assert_eq!(prints(&*session, "sleep 0.3; kill -0 $(cat pid) && echo lives"), "lives\n");
}

#[test]
fn all_that_a_process_said_is_heard_however_late_and_whoever_else_speaks() {
    let (_scene, session) = empty();
    let line = "(while true; do echo tick; sleep 0.01; done) & echo $! > pid; seq 60000; echo last";
    let process = start(&*session, line);
    // It is dead long before anybody listens on: its pipe and what is kept hold the rest.
    hear_until(&mut *process.listen(), "1\n");
    assert_eq!(prints(&*session, "sleep 0.3; echo slept"), "slept\n");
    assert!(hear(&mut *process.listen()).stdout.contains("last"));
}

#[test]
fn what_kills_everything_it_sees_kills_neither_the_session_nor_its_files() {
    let (_scene, session) = empty();
    let bystander = start(&*session, "echo on; sleep 1000");
    hear_until(&mut *bystander.listen(), "on");
    run(&*session, shell("echo kept > file; kill -9 -1; kill -9 1; kill -STOP 1"));
    assert_eq!(hear(&mut *bystander.listen()).exit, Exit::Signal(9));
    assert_eq!(text(&*session, home("file")), "kept\n");
    assert_eq!(prints(&*session, "echo on"), "on\n");
}
