//! What each operator proposes, likeliest first: the changed lines of its first candidates at the marked line.

mod calls;
mod conditions;
mod statements;
mod symbols;
mod values;

use crate::scene::Scene;
use bodkin_repair::Options;
use expect_test::Expect;

/// Lists the first eight proposals of one operator.
fn check(operator: &str, path: &str, text: &str, expect: Expect) {
    let scene = Scene::new(path, text);
    let mut search = scene.search(&[], Options::default());
    let mut lines: Vec<String> = Vec::new();
    while lines.len() < 8 && search.tried() < 1_500 {
        let batch = search.next_batch(250);
        if batch.is_empty() {
            break;
        }
        lines.extend(
            batch.iter().filter(|it| it.operator == operator).map(|it| format!("{}\n", scene.changed(it))),
        );
    }
    lines.truncate(8);
    expect.assert_eq(&lines.concat());
}

fn python(operator: &str, text: &str, expect: Expect) {
    check(operator, "a.py", text, expect);
}

fn javascript(operator: &str, text: &str, expect: Expect) {
    check(operator, "a.js", text, expect);
}
