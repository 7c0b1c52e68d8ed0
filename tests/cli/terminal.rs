//! On a terminal: a live line with the time, colours, and the question before anything is put in place.

use bodkin_tests::needs;
use bodkin_tests::terminal::Terminal;
use rustix::process::Signal;

use crate::scenes::{FAULT, sum};

#[test]
fn yes_applies_and_the_live_line_shows_the_time() {
    needs!(Python);
    let scene = sum();
    let mut terminal = Terminal::start(&scene.bodkin(&["fix", FAULT]));
    terminal.see("Apply this change? [y/N]");
    assert!(scene.text("calc.py").contains("a - b"), "nothing is written before the answer");
    terminal.enter("y");
    let (code, drawn) = terminal.end();
    assert_eq!(code, Some(0), "{drawn}");
    assert!(scene.text("calc.py").contains("a + b"), "{drawn}");
    let live =
        drawn.split("\r\x1b[2K").find(|it| it.contains("Run the tests as they are") && it.contains(" s"));
    assert!(live.is_some(), "a line with the time is redrawn: {drawn:?}");
    assert!(drawn.contains("\x1b[32m+    return a + b\x1b[0m"), "{drawn:?}");
    assert_eq!(drawn.matches("+    return a + b").count(), 1, "the change is shown once: {drawn}");
}

#[test]
fn anything_but_yes_leaves_the_file_alone() {
    needs!(Python);
    for answer in ["n", "", "yeah"] {
        let scene = sum();
        let before = scene.tree();
        let mut terminal = Terminal::start(&scene.bodkin(&["fix", FAULT]));
        terminal.see("Apply this change? [y/N]");
        terminal.enter(answer);
        let (code, drawn) = terminal.end();
        assert_eq!(code, Some(0), "{drawn}");
        assert!(scene.tree() == before, "{drawn}");
    }
}

#[test]
fn to_be_stopped_is_an_answer_to_the_question_too() {
    needs!(Python);
    let scene = sum();
    let before = scene.tree();
    let mut terminal = Terminal::start(&scene.bodkin(&["fix", FAULT]));
    terminal.see("Apply this change? [y/N]");
    terminal.signal(Signal::INT);
    let (code, drawn) = terminal.end();
    assert_eq!(code, Some(130), "{drawn}");
    assert!(drawn.ends_with("cancelled; nothing was changed\n"), "{drawn}");
    assert!(scene.tree() == before, "{drawn}");
}

#[test]
fn no_color_is_respected() {
    needs!(Python);
    let scene = sum();
    let mut terminal = Terminal::start(&scene.bodkin(&["fix", FAULT]).env("NO_COLOR", "1"));
    terminal.see("Apply this change? [y/N]");
    terminal.enter("n");
    let (_, drawn) = terminal.end();
    assert!(!drawn.contains("\x1b[3"), "{drawn:?}");
}
