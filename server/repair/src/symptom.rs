//! What was seen to go wrong, and what kinds of failure it points at.

use bodkin_text::{Line1, RelPath};

/// One failure as the tests told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symptom {
    /// Exception type, `AssertionError`, `TimedOut` …
    pub kind: String,
    /// Its message.
    pub message: String,
    /// The two values of a failed comparison, where they could be told: expected, then actual.
    pub expected_actual: Option<(String, String)>,
    /// The stack, outermost first; only frames inside the workspace.
    pub frames: Vec<(RelPath, Line1)>,
}

/// A kind of failure that makes some changes likelier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FailureClass {
    /// An index out of range.
    Index,
    /// A missing key.
    Key,
    /// An unknown name.
    Name,
    /// A variable read before it was bound.
    Unbound,
    /// An unknown attribute.
    Attribute,
    /// Something done with nothing: `None`, `undefined`.
    Null,
    /// A wrong type.
    Type,
    /// A wrong number of arguments.
    Argument,
    ZeroDivision,
    Recursion,
    TimedOut,
    /// Assignment to a constant.
    Constant,
    /// The actual value is nothing.
    GotNothing,
    /// A truth value is the wrong one.
    WrongTruth,
    /// Two numbers, or two lengths, differ by one.
    OffByOne,
}

/// What a search takes from all symptoms.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signs {
    /// Kinds of failure, each once, in order.
    pub(crate) classes: Vec<FailureClass>,
    /// Names that messages quote: `'foo'` in `name 'foo' is not defined`.
    pub(crate) words: Vec<String>,
    /// Values that tests expect or pass, as written: to replace a value by one of these suits the test only.
    pub(crate) expected: Vec<String>,
}

impl Signs {
    /// Reads every symptom.
    pub(crate) fn of(symptoms: &[Symptom]) -> Self {
        let mut signs = Self::default();
        for symptom in symptoms {
            signs.classes.extend(classes(symptom));
            signs.words.extend(quoted(&symptom.message));
            signs
                .expected
                .extend(symptom.expected_actual.iter().map(|(expected, _)| expected.trim().to_owned()));
        }
        signs.classes.sort_unstable();
        signs.classes.dedup();
        signs.words.sort_unstable();
        signs.words.dedup();
        signs
    }

    /// Whether a message speaks of that name or text.
    pub(crate) fn speak_of(&self, text: &str) -> bool {
        let bare = text.trim_matches(['"', '\'', '`']);
        self.words.iter().any(|it| it == bare)
    }
}

fn classes(symptom: &Symptom) -> Vec<FailureClass> {
    let kind = symptom.kind.rsplit('.').next().unwrap_or(&symptom.kind);
    let message = symptom.message.as_str();
    let says = |part: &str| message.contains(part);
    let mut found = Vec::new();
    match kind {
        "IndexError" => found.push(FailureClass::Index),
        "KeyError" => found.push(FailureClass::Key),
        "UnboundLocalError" => found.push(FailureClass::Unbound),
        "NameError" | "ReferenceError" => found.push(FailureClass::Name),
        "AttributeError" if says("NoneType") => found.push(FailureClass::Null),
        "AttributeError" => found.push(FailureClass::Attribute),
        "ZeroDivisionError" => found.push(FailureClass::ZeroDivision),
        "RecursionError" => found.push(FailureClass::Recursion),
        "RangeError" if says("call stack") => found.push(FailureClass::Recursion),
        "RangeError" => found.push(FailureClass::Index),
        "TimedOut" | "TimeoutError" | "Timeout" => found.push(FailureClass::TimedOut),
        "TypeError" if says("NoneType") || says("of undefined") || says("of null") => {
            found.push(FailureClass::Null);
        }
        "TypeError" if says("argument") && (says("positional") || says("missing") || says("takes")) => {
            found.push(FailureClass::Argument);
        }
        "TypeError" if says("constant variable") => found.push(FailureClass::Constant),
        "TypeError" if says("is not a function") => {
            found.extend([FailureClass::Attribute, FailureClass::Type]);
        }
        "TypeError" => found.push(FailureClass::Type),
        _ => {}
    }
    if let Some((expected, actual)) = &symptom.expected_actual {
        found.extend(difference(expected.trim(), actual.trim()));
    }
    found
}

fn difference(expected: &str, actual: &str) -> Option<FailureClass> {
    let nothing = |text: &str| matches!(text, "None" | "undefined");
    let truth = |text: &str| matches!(text, "True" | "False" | "true" | "false");
    if nothing(actual) && !nothing(expected) {
        return Some(FailureClass::GotNothing);
    }
    if truth(actual) && truth(expected) {
        return Some(FailureClass::WrongTruth);
    }
    let number = |text: &str| text.parse::<f64>().ok();
    if let (Some(one), Some(other)) = (number(expected), number(actual)) {
        return ((one - other).abs() - 1.0).abs().lt(&1e-9).then_some(FailureClass::OffByOne);
    }
    let elements = |text: &str| text.starts_with('[').then(|| text.matches(',').count());
    let (one, other) = (elements(expected)?, elements(actual)?);
    (one.abs_diff(other) == 1).then_some(FailureClass::OffByOne)
}

/// Words that stand in quotes, and the subject of "x is not defined" and "x is not a function".
fn quoted(message: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut rest = message;
    while let Some(start) = rest.find(['\'', '"', '`']) {
        let Some(quote) = rest.get(start..).and_then(|it| it.chars().next()) else { break };
        let after = rest.get(start + 1..).unwrap_or_default();
        let Some(end) = after.find(quote) else { break };
        words.extend(after.get(..end).filter(|it| !it.is_empty() && it.len() <= 80).map(str::to_owned));
        rest = after.get(end + 1..).unwrap_or_default();
    }
    for tail in [" is not defined", " is not a function", " is not iterable", "() takes", "() missing"] {
        let subject =
            message.find(tail).and_then(|at| message.get(..at)).and_then(|it| it.rsplit([' ', '.']).next());
        words.extend(subject.filter(|it| !it.is_empty()).map(str::to_owned));
    }
    if words.is_empty() && message.len() <= 80 && message.split_whitespace().count() == 1 {
        words.push(message.to_owned());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symptom(kind: &str, message: &str, values: Option<(&str, &str)>) -> Signs {
        Signs::of(&[Symptom {
            kind: kind.to_owned(),
            message: message.to_owned(),
            expected_actual: values.map(|(one, other)| (one.to_owned(), other.to_owned())),
            frames: Vec::new(),
        }])
    }

    #[test]
    fn a_name_error_quotes_its_name() {
        let signs = symptom("NameError", "name 'totl' is not defined. Did you mean: 'total'?", None);
        assert_eq!(signs.classes, [FailureClass::Name]);
        assert!(signs.speak_of("totl") && signs.speak_of("total"));
        assert!(symptom("ReferenceError", "totl is not defined", None).speak_of("totl"));
    }

    #[test]
    fn two_values_tell_their_difference() {
        let class = |expected, actual| symptom("AssertionError", "", Some((expected, actual))).classes;
        assert_eq!(class("4", "3"), [FailureClass::OffByOne]);
        assert_eq!(class("True", "False"), [FailureClass::WrongTruth]);
        assert_eq!(class("[1, 2]", "None"), [FailureClass::GotNothing]);
        assert_eq!(class("[1, 2]", "[1]"), [FailureClass::OffByOne]);
        assert_eq!(class("9", "3"), []);
    }

    #[test]
    fn doing_something_with_nothing_is_known_in_both_languages() {
        assert_eq!(
            symptom("AttributeError", "'NoneType' object has no attribute 'x'", None).classes,
            [FailureClass::Null]
        );
        assert_eq!(
            symptom("TypeError", "Cannot read properties of undefined (reading 'x')", None).classes,
            [FailureClass::Null]
        );
    }
}
