//! A command starts over the workspace, sees it with the layer, and leaves no trace.
#![cfg(target_os = "linux")]

mod kit;

use bodkin_guard::report::Exit;
use kit::Scene;

#[test]
fn a_command_sees_the_workspace_at_its_own_path() {
    let scene = Scene::new(&[("a.txt", "hello\n")]);
    let expected = format!("{}\nhello\n", scene.workspace().display());
    assert_eq!(scene.prints("pwd; cat a.txt"), expected);
}

#[test]
fn the_exit_code_and_a_signal_are_told() {
    let scene = Scene::new(&[]);
    assert_eq!(scene.run(scene.shell("exit 7")).ended.exit, Exit::Code(7));
    assert_eq!(scene.run(scene.shell("kill -TERM $$")).ended.exit, Exit::Signal(15));
}
