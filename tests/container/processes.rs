//! Processes of a session.

use std::time::Duration;

use bodkin_guard::report::{Exit, Stop};
use bodkin_sandbox::session::{ProcessEvent, ProcessOrder, TerminalSize};

use super::{Living, SOON, heard};

#[test]
fn a_process_has_its_streams_its_variables_its_folder_and_its_exit_code() {
    let Some(living) = Living::empty("streams") else { return };
    let mut order = ProcessOrder::new(["/bin/sh", "-c", "echo $GIVEN $OWN; pwd; cat; echo e >&2; exit 7"]);
    order.env = [("OWN".to_owned(), "a b".to_owned())].into();
    order.cwd = Some("/tmp".into());
    order.stdin = true;
    let process = living.session.start(order).unwrap();
    process.write(b"typed\n").unwrap();
    process.close_stdin().unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut ear = process.listen();
    let exit = loop {
        match ear.next(SOON).unwrap() {
            ProcessEvent::Stdout(bytes) => out.extend(bytes),
            ProcessEvent::Stderr(bytes) => err.extend(bytes),
            ProcessEvent::Terminal(_) => panic!("it has no terminal"),
            ProcessEvent::Ended(exit) => break exit,
        }
    };
    assert_eq!(exit, Exit::Code(7));
    assert_eq!(
        (String::from_utf8(out).unwrap(), err),
        ("yes a b\n/tmp\ntyped\n".to_owned(), b"e\n".to_vec())
    );
    assert_eq!(process.exit(), Some(Exit::Code(7)));
}

#[test]
fn a_program_that_is_not_there_exits_with_127() {
    let Some(living) = Living::empty("absent") else { return };
    let process = living.session.start(ProcessOrder::new(["no-such-program"])).unwrap();
    assert_eq!(heard(&*process).0, Exit::Code(127));
}

#[test]
fn a_signal_reaches_the_whole_group_and_the_exit_says_so() {
    let Some(living) = Living::empty("signal") else { return };
    let order = ProcessOrder::new(["/bin/sh", "-c", "sleep 1000 & echo ready; wait"]);
    let process = living.session.start(order).unwrap();
    assert_eq!(process.listen().next(SOON), Some(ProcessEvent::Stdout(b"ready\n".to_vec())));
    process.signal(15).unwrap();
    assert_eq!(heard(&*process).0, Exit::Signal(15));
    assert_eq!(living.said("ps -ef | grep -c '[s]leep 1000' || true"), "0");
}

#[test]
fn a_deadline_and_too_much_output_stop_it() {
    let Some(living) = Living::new("limits", {
        let mut order = super::order();
        order.limits.output_bytes = 100_000;
        order
    }) else {
        return;
    };
    let mut late = ProcessOrder::new(["/bin/sh", "-c", "trap '' TERM INT; while :; do sleep 1; done"]);
    late.deadline = Some(Duration::from_millis(200));
    let late = living.session.start(late).unwrap();
    let loud =
        living.session.start(ProcessOrder::new(["/bin/sh", "-c", "while :; do echo loud; done"])).unwrap();
    assert_eq!(heard(&*late).0, Exit::Stopped(Stop::WallTime));
    let (exit, text) = heard(&*loud);
    assert_eq!(exit, Exit::Stopped(Stop::Output));
    assert!(text.len() <= 100_000, "{}", text.len());
}

#[test]
fn a_terminal_is_one_of_the_right_size_and_what_it_shows_can_forge_nothing() {
    let Some(living) = Living::empty("terminal") else { return };
    let line = "read x; stty size; tty; printf '\\001\\000\\000\\000\\377\\377\\377\\377end'";
    let mut order = ProcessOrder::new(["/bin/sh", "-c", line]);
    order.terminal = Some(TerminalSize { columns: 99, rows: 33 });
    let process = living.session.start(order).unwrap();
    process.write(b"go\n").unwrap();
    let (exit, text) = heard(&*process);
    assert_eq!(exit, Exit::Code(0), "{text}");
    assert!(text.contains("33 99") && text.contains("/dev/pts/"), "{text}");
    assert!(text.ends_with("\u{fffd}\u{fffd}\u{fffd}\u{fffd}end"), "{text:?}");
}

#[test]
fn what_is_left_in_the_background_does_not_hold_the_end_up() {
    let Some(living) = Living::empty("background") else { return };
    assert_eq!(living.sh("sleep 1000 & echo done"), (Exit::Code(0), "done\n".to_owned()));
}
