//! Order, bounds and determinism of a search.
//! invariants: search-is-seeded and resumable; candidates are edits against one revision; every search has a bound

use std::collections::HashSet;
use std::sync::Arc;

use crate::scene::{Scene, symptom};
use bodkin_repair::{
    Candidate, Caution, Certainty, Feedback, FeedbackResult, NoSearch, Options, Place, Search, Symptom,
};
use bodkin_text::{ContentHash, Line0, Line1, RelPath};
use bodkin_workspace::{Language, Syntax, Workspace};
use proptest::prelude::*;

const PYTHON: &str = "
def find(xs, wanted, default=[]):
    low, high = 0, len(xs)
    while low <= high:<|>
        middle = (low + high) // 2
        if xs[middle] == wanted:
            return middle
        elif xs[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return default
";

const JAVASCRIPT: &str = "
export function total(items, rate) {
  let sum = 0;
  for (const item of items) {
    if (item.price > 0 && !item.free) sum += item.price * rate;<|>
  }
  return sum;
}
";

fn scenes() -> [Scene; 3] {
    [Scene::new("a.py", PYTHON), Scene::new("a.js", JAVASCRIPT), Scene::new("a.ts", JAVASCRIPT)]
}

#[test]
fn candidates_are_edits_against_one_revision_that_parse_and_differ() {
    for scene in scenes() {
        let language = Language::of(&scene.path, &scene.text).unwrap();
        let mut seen = HashSet::from([scene.text.clone()]);
        let candidates = scene.search(&[], Options::default()).next_batch(400);
        assert_eq!(candidates.len(), 400, "{}", scene.path);
        for candidate in candidates {
            assert_eq!(candidate.edits.base, ContentHash::of(&scene.text));
            let text = scene.with(&candidate);
            let syntax = Syntax::parse(language, Arc::from(text.as_str())).unwrap();
            assert!(!syntax.root().has_error(), "{}: {text}", candidate.operator);
            assert!(seen.insert(text), "twice: {} {}", candidate.operator, candidate.why);
        }
    }
}

#[test]
fn a_search_is_seeded_the_same_seed_gives_the_same_order_and_another_seed_another() {
    let scene = Scene::new("a.py", PYTHON);
    let draw = |seed| scene.search(&[], Options { seed, ..Options::default() }).next_batch(200);
    assert_eq!(draw(0), draw(0));
    assert_eq!(draw(7), draw(7));
    assert_ne!(draw(7), draw(0));
}

#[test]
fn a_search_is_resumable_small_batches_and_a_kept_copy_give_what_one_batch_gives() {
    let scene = Scene::new("a.py", PYTHON);
    let whole = scene.search(&[], Options::default()).next_batch(50);
    let mut search = scene.search(&[], Options::default());
    let mut parts: Vec<Candidate> = Vec::new();
    for _ in 0..5 {
        parts.extend(search.next_batch(10));
        search = search.clone();
    }
    assert_eq!(parts, whole);
    assert_eq!(search.tried(), 50);
}

#[test]
fn costs_do_not_fall_while_nothing_is_learnt() {
    let candidates = Scene::new("a.py", PYTHON).search(&[], Options::default()).next_batch(700);
    assert!(candidates.windows(2).all(|pair| pair[0].cost <= pair[1].cost));
}

#[test]
fn every_search_has_a_bound() {
    let scene = Scene::new("a.py", PYTHON);
    let mut search = scene.search(&[], Options { max_candidates: 30, ..Options::default() });
    assert_eq!(search.next_batch(20).len(), 20);
    assert_eq!(search.remaining_hint(), 10);
    assert_eq!(search.next_batch(20).len(), 10);
    assert!(search.next_batch(20).is_empty());
    let mut few = scene.search(&[], Options { max_proposals: 40, ..Options::default() });
    assert!(few.next_batch(1_000).len() <= 40);
}

#[test]
fn the_selected_line_comes_before_the_rest_of_its_function() {
    let scene = Scene::new("a.py", "def f(a, b):\n    c = a - b\n    return c > b<|>\n");
    let order: Vec<String> = scene.candidates().iter().map(|it| scene.changed(it)).collect();
    let at = |line: &str| order.iter().position(|it| it == line).unwrap();
    assert!(at("return c >= b") < 5);
    assert!(at("return c > a") < 50);
    assert!(at("c = a + b") > 100, "neighbours are tried in the end");
}

#[test]
fn what_looks_like_cheating_comes_late_and_marked() {
    let scene = Scene::new("a.py", "def f(i, n):\n    while i < n:<|>\n        i += 1\n    return i\n");
    let candidates = scene.candidates();
    let at = candidates.iter().position(|it| scene.changed(it) == "while True:").unwrap();
    assert_eq!(candidates[at].cautions, [Caution::ConstantCondition]);
    assert!(at > 50, "{at}");
    let scene = Scene::new("a.py", "def f(i, n):\n    while i < n:\n        g(i)\n        i += 1<|>\n");
    let candidates = scene.candidates();
    let deleted = candidates.iter().find(|it| scene.changed(it) == "(deleted)").unwrap();
    assert_eq!(deleted.cautions, [Caution::DeletesLoopUpdate]);
}

#[test]
fn writing_down_what_the_test_expects_is_marked() {
    let scene = Scene::new("a.py", "def f(name):\n    return 'hello'<|>\n");
    let failed = Symptom {
        expected_actual: Some(("hello you".to_owned(), "hello".to_owned())),
        ..symptom("AssertionError", "")
    };
    let mut search = scene.search(&[failed], Options::default());
    assert!(
        search
            .next_batch(500)
            .iter()
            .all(|it| !scene.with(it).contains("hello you") || it.cautions == [Caution::FitsTheTest])
    );
}

#[test]
fn a_name_error_puts_the_names_first() {
    let scene = Scene::new(
        "a.py",
        "def f(total, scale):\n    if scale > 0:\n        return totl * scale<|>\n    return total\n",
    );
    let first =
        |symptoms: &[Symptom]| scene.changed(&scene.search(symptoms, Options::default()).next_batch(1)[0]);
    assert_eq!(first(&[symptom("NameError", "name 'totl' is not defined")]), "return total * scale");
}

#[test]
fn without_a_place_the_deepest_frame_outside_of_tests_is_searched() {
    let scene = Scene::new("src/a.py", "def f(xs):\n    return xs[len(xs)]\n");
    let frame = |path: &str, line| (RelPath::new(path).unwrap(), Line1(line));
    let frames = vec![frame("tests/test_a.py", 3), frame("src/a.py", 2)];
    let failed = Symptom { frames, ..symptom("IndexError", "list index out of range") };
    let mut search = Search::new(&scene.snapshot(), &[], &[failed], Options::default()).unwrap();
    let first: Vec<String> = search.next_batch(5).iter().map(|it| scene.changed(it)).collect();
    assert!(first.contains(&"return xs[len(xs) - 1]".to_owned()), "{first:?}");
}

#[test]
fn a_candidate_that_mends_some_tests_raises_its_neighbours() {
    let scene = Scene::new("a.py", PYTHON);
    let position = |feedback: &dyn Fn(&Candidate) -> FeedbackResult| {
        let mut search = scene.search(&[], Options::default());
        let first = search.next_batch(30);
        let news: Vec<Feedback> =
            first.iter().map(|it| Feedback { id: it.id, result: feedback(it) }).collect();
        search.learn(&news);
        let next = search.next_batch(200);
        next.iter().filter(|it| scene.changed(it).starts_with("while low <")).count()
    };
    let failed = |mended| FeedbackResult::Failed {
        mended,
        kind: "AssertionError".into(),
        message: String::new(),
        ran: 1,
    };
    let nothing = position(&|_| failed(0));
    let raised = position(&|it| failed(u32::from(scene.changed(it).starts_with("while low <"))));
    assert!(raised > nothing, "{raised} {nothing}");
}

#[test]
fn offers_are_simple_and_never_idle() {
    let scene = Scene::new("a.py", "def f(n, m):\n    return 1 + g(n) if n > m and m else n * 2<|>\n");
    for candidate in scene.search(&[], Options::default()).next_batch(700) {
        let text = scene.changed(&candidate);
        for idle in [
            "g(n) if n > n and",
            "g(n - n) ",
            "+ g(n) + 0 ",
            "return 0 + g(n)",
            "if True and",
            "m and True",
            "g(n * 1)",
        ] {
            assert!(!text.contains(idle), "{text}");
        }
    }
}

#[test]
fn in_a_large_place_every_statement_has_its_share_of_the_bound() {
    let lines: String = (0..60).map(|it| format!("    a{it} = b{it} - c{it} * d\n")).collect();
    let scene = Scene::new("a.py", &format!("def f(d):\n{lines}    return a1\n"));
    let place = Place { lines: (Line0(1), Line0(60)), certainty: Certainty::Suspected, ..scene.place() };
    let options = Options { max_proposals: 6_000, ..Options::default() };
    let mut search = Search::new(&scene.snapshot(), &[place], &[], options).unwrap();
    let first: Vec<String> = search.next_batch(600).iter().map(|it| scene.changed(it)).collect();
    for at in [0, 30, 59] {
        assert!(first.contains(&format!("a{at} = b{at} + c{at} * d")), "{at}");
    }
}

#[test]
fn line_ends_stay_as_they_are() {
    let scene = Scene::new(
        "a.py",
        "def f(xs):\r\n    n = 0\r\n    for x in xs:\r\n        n += x<|>\r\n    return n\r\n",
    );
    for candidate in scene.candidates() {
        let text = scene.with(&candidate);
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{} {text:?}", candidate.operator);
    }
}

#[test]
fn a_search_can_be_sent_to_another_thread() {
    fn sent<T: Send + Sync + Clone + 'static>(_: T) {}
    sent(Scene::new("a.py", "x = 1\n").search(&[], Options::default()));
}

#[test]
fn a_place_that_can_not_be_searched_says_why() {
    let search = |path: &str, text: &str, file: &str, line: u32| {
        let scene = Scene::new(path, text);
        let place = Place {
            file: RelPath::new(file).unwrap(),
            lines: (Line0(line), Line0(line)),
            certainty: Certainty::Selected,
        };
        Search::new(&scene.snapshot(), &[place], &[], Options::default()).map(|_| ())
    };
    let a = |path| RelPath::new(path).unwrap();
    assert_eq!(search("a.py", "x = 1\n", "b.py", 0), Err(NoSearch::NoFile(a("b.py"))));
    assert_eq!(search("a.txt", "x = 1\n", "a.txt", 0), Err(NoSearch::UnknownLanguage(a("a.txt"))));
    assert_eq!(search("a.py", "x = 1\n", "a.py", 9), Err(NoSearch::NoCode(a("a.py"), Line0(9))));
    assert_eq!(search("a.py", "# only words\n", "a.py", 0), Err(NoSearch::NoCode(a("a.py"), Line0(0))));
    assert!(matches!(
        search("a.py", "def f(:\n    x = (1\n", "a.py", 1),
        Err(NoSearch::DoesNotParse(..) | NoSearch::NoCode(..))
    ));
    let empty = Search::new(&Workspace::new().snapshot(), &[], &[], Options::default()).map(|_| ());
    assert_eq!(empty, Err(NoSearch::NoPlace));
}

#[test]
fn a_huge_line_is_refused_or_searched_within_its_bounds() {
    let long = format!("x = [{}]\n", "1, ".repeat(1 << 19));
    let scene = Scene::new("a.py", &long);
    let refused = Search::new(&scene.snapshot(), &[scene.place()], &[], Options::default()).map(|_| ());
    assert_eq!(refused, Err(NoSearch::TooLarge(scene.path.clone())));
    let shorter = format!("def f(a, b): return [{}]\n", "a + b, ".repeat(2_000));
    let scene = Scene::new("a.py", &shorter);
    let mut search = scene.search(&[], Options { max_proposals: 2_000, ..Options::default() });
    assert!(search.next_batch(20).len() <= 20);
}

/// Small programs with odd characters, odd blanks and odd nesting.
fn program() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("x = y"),
        Just("return f(x, y)[0]"),
        Just("if x < y: z = 'é𝒳'"),
        Just("xs.append(x)"),
        Just("y += a[i][-1] * (b - 1)"),
        Just("while not x and y: x -= 1"),
        Just("for a, b in zip(xs, ys): pass"),
        Just("d = {'a': 1, **e}"),
        Just("z = [q for q in xs if q]"),
        Just("raise E(f'{x}')"),
        Just("x = y if z else w"),
        Just("lambda q: q.r"),
        Just(")"),
        Just("# word"),
        Just(""),
    ];
    prop::collection::vec(line, 1..6)
        .prop_map(|lines| format!("def f(x, xs):\r\n    {}\n", lines.join("\n    ")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn on_any_small_program_candidates_apply_differ_and_parse_no_worse(text in program(), line in 0u32..7) {
        let mut scene = Scene::new("a.py", &text);
        scene.line = Line0(line);
        let before = Syntax::parse(Language::Python, Arc::from(text.as_str())).unwrap().root().has_error();
        if let Ok(mut search) = Search::new(&scene.snapshot(), &[scene.place()], &[], Options { max_candidates: 80, ..Options::default() }) {
            let mut seen = HashSet::from([text.clone()]);
            for candidate in search.next_batch(80) {
                let result = scene.with(&candidate);
                let after = Syntax::parse(Language::Python, Arc::from(result.as_str())).unwrap().root().has_error();
                prop_assert!(before || !after, "{} {result}", candidate.operator);
                prop_assert!(seen.insert(result));
            }
        }
    }
}
