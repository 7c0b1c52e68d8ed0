//! What looks like a secret: names of variables, and shapes of well-known keys in texts.
//!
//! Knows names and shapes, not meaning. In texts it prefers silence to false alarm (a hash or a UUID is no
//! secret); in names of variables caution to convenience (the user can name one that is needed).
//! invariant: prompts-are-redacted (what is stored or sent on goes through [`redact`] first)

mod names;
mod scan;
mod shapes;

use std::borrow::Cow;

pub use names::is_secret_name;
pub use scan::{Found, find};

/// Whether an environment variable looks like a secret: by its name, or by what it holds.
pub fn is_secret_variable(name: &str, value: &str) -> bool {
    is_secret_name(name) || !find(value).is_empty()
}

/// Whether this can be the name of an environment variable at all.
pub(crate) fn is_variable_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// The text with everything that has the shape of a secret replaced by `[redacted <what it was>]`.
pub fn redact(text: &str) -> Cow<'_, str> {
    let found = find(text);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut done = 0;
    for Found { range, what } in found {
        clean.push_str(text.get(done..range.start).unwrap_or_default());
        clean.push_str("[redacted ");
        clean.push_str(what);
        clean.push(']');
        done = range.end;
    }
    clean.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(clean)
}

/// Shortest value that is looked for in texts, bytes: a shorter one would be found everywhere.
const SHORTEST_VALUE: usize = 6;

/// Takes out of texts the values of secrets that were let in by name, and whatever [`redact`] takes out.
#[derive(Clone, Default)]
pub struct Redactor {
    /// Longest first, so that a value that holds another goes as a whole.
    values: Vec<String>,
}

impl Redactor {
    /// Knows these values; those under six bytes are not looked for.
    pub fn new(values: impl IntoIterator<Item = String>) -> Self {
        let mut values: Vec<String> = values.into_iter().filter(|it| it.len() >= SHORTEST_VALUE).collect();
        values.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        Self { values }
    }

    /// The text without them.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut clean = Cow::Borrowed(text);
        for value in &self.values {
            if clean.contains(value.as_str()) {
                clean = Cow::Owned(clean.replace(value.as_str(), "[redacted variable]"));
            }
        }
        match clean {
            Cow::Borrowed(text) => redact(text),
            Cow::Owned(text) => Cow::Owned(redact(&text).into_owned()),
        }
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} values)", self.values.len())
    }
}
