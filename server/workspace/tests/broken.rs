//! Broken code gives facts and problems, never an error.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use bodkin_text::RelPath;
use bodkin_workspace::{Facts, Language, Problem, Syntax, Workspace};
use expect_test::{Expect, expect};
use proptest::prelude::*;

fn problems(name: &str, text: &str) -> Vec<Problem> {
    let path = RelPath::new(name).unwrap();
    let mut workspace = Workspace::new();
    workspace.set_disk(path.clone(), text.into());
    workspace.snapshot().file(&path).unwrap().problems()
}

fn check(name: &str, text: &str, expect: &Expect) {
    let lines =
        problems(name, text).into_iter().map(|it| format!("{:?} {:?}: {}\n", it.range, it.kind, it.message));
    expect.assert_eq(&lines.collect::<String>());
}

#[test]
fn a_problem_says_where_and_what() {
    check(
        "a.py",
        "def f(:\n    return 1\n",
        &expect![[r#"
        6..6 Missing: expected `)` here
    "#]],
    );
    check(
        "a.js",
        "function f( { return [1, 2 }\n",
        &expect![[r#"
        0..28 Unexpected: did not expect `function f( { return [1, 2 }` here
        20..20 Missing: expected `}` here
    "#]],
    );
    check(
        "a.ts",
        "let a: = 1\n",
        &expect![[r#"
        7..8 Unexpected: did not expect `=` here
    "#]],
    );
}

#[test]
fn whole_code_and_unknown_languages_have_no_problems() {
    assert_eq!((problems("a.py", "a = 1\n"), problems("a.xyz", "((((")), (vec![], vec![]));
}

#[test]
fn the_problems_of_a_file_are_bounded() {
    assert_eq!(problems("a.py", &"a = 1 )\n".repeat(500)).len(), Problem::MOST);
}

#[test]
fn what_can_be_read_of_broken_code_is_known() {
    let text = "import os\ndef whole(a): return a\nclass K:\n    def torn(self, b:\n        return (b\n";
    let facts = Facts::of(&Syntax::parse(Language::Python, text.into()).unwrap());
    assert_eq!(facts.function("whole").unwrap().parameters, ["a".into()]);
    assert_eq!(&*facts.imports.first().unwrap().names.first().unwrap().name, "os");
}

/// Nesting is outside data: it must not use up the stack.
#[test]
fn deep_nesting_is_walked_without_recursion() {
    let deep = 20_000;
    let texts = [
        (Language::Python, format!("{}1{}", "(".repeat(deep), ")".repeat(deep))),
        (Language::Python, format!("x = a{}", " + a".repeat(deep))),
        (Language::JavaScript, format!("{}{}", "function a(){".repeat(deep), "}".repeat(deep))),
        (Language::JavaScript, format!("{}{{}}", "if (a) {} else ".repeat(deep / 10))),
        (Language::JavaScript, "{[(`${".repeat(deep)),
    ];
    for (language, text) in texts {
        let middle = text.len() / 2;
        let syntax = Syntax::parse(language, text.into()).unwrap();
        let functions = Facts::of(&syntax).functions.len();
        assert_eq!(functions, if syntax.text().starts_with("function") { deep } else { 0 });
        assert!(syntax.visible_at(middle).len() > 50);
        assert_eq!(syntax.error_nodes().is_empty(), !syntax.has_errors());
        syntax.statement_at(middle);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_has_facts_in_any_language(text in "[a-c0-9 \\n\\r\t(){}\\[\\]'\"`:;,.=<>!+*/\\\\#$?éß👩\u{200d}\u{2028}\u{feff}\0]{0,80}", cut in any::<proptest::sample::Index>()) {
        for language in Language::ALL {
            let keywords = format!("def f({text}): class K: if {text} import a.b as c\nfunction g() {{ for (const x of {text}) }}");
            let syntax = Syntax::parse(language, keywords.as_str().into()).unwrap();
            let at = cut.index(keywords.len() + 1);
            Facts::of(&syntax);
            prop_assert!(syntax.visible_at(at).iter().all(|it| it.bound_at.is_none_or(|at| at.of(&keywords).is_some())));
            for node in syntax.root().walk() {
                prop_assert!(node.header().of(&keywords).is_some() || !keywords.is_char_boundary(node.start()));
                node.bound_names();
            }
            prop_assert!(syntax.statements_in((at..at).into()).len() <= keywords.len());
        }
    }
}
