//! A command line as words, where no shell is needed to read it.

use std::collections::BTreeMap;

use bodkin_guard::action::CommandLine;

/// A command without operators, substitutions or redirections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    /// Leading `NAME=value` assignments.
    pub(super) env: Vec<(String, String)>,
    /// The program and its arguments, at least one.
    pub(super) argv: Vec<String>,
    /// Whether a word is a pattern that a shell would replace by file names.
    pub(super) has_pattern: bool,
}

/// Splits a line as `/bin/sh` does. `None` where only a shell knows what it means, or where it means nothing.
pub(super) fn split(line: &str) -> Option<Words> {
    let mut words = Words { env: Vec::new(), argv: Vec::new(), has_pattern: false };
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (word, after) = word(rest)?;
        words.push(word)?;
        rest = after.trim_start_matches([' ', '\t']);
    }
    (!words.argv.is_empty()).then_some(words)
}

/// Writes words so that a shell reads them back.
pub(super) fn join<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> String {
    let quoted = words.into_iter().map(|it| {
        let word = it.as_ref();
        let plain = |it: char| it.is_alphanumeric() || "_-./:=@%+,".contains(it);
        match !word.is_empty() && word.chars().all(plain) {
            true => word.to_owned(),
            false => format!("'{}'", word.replace('\'', r"'\''")),
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// A command that sets `env` by itself.
pub(super) fn command(argv: Vec<String>, env: &BTreeMap<String, String>) -> CommandLine {
    if env.is_empty() {
        return CommandLine::Argv(argv);
    }
    let assignments = env.iter().map(|(name, value)| format!("{name}={}", join([value])));
    CommandLine::Shell(assignments.chain([join(argv)]).collect::<Vec<_>>().join(" "))
}

#[derive(Default)]
struct Word {
    text: String,
    /// Where the text is free of quotes up to the first `=`.
    assigns: Option<usize>,
    quoted: bool,
    pattern: bool,
    bracket: bool,
}

impl Words {
    fn push(&mut self, word: Word) -> Option<()> {
        if self.argv.is_empty() && (word.text == "!" || word.text.is_empty()) {
            return None;
        }
        if let (true, Some((name, value))) = (self.argv.is_empty(), word.assignment()) {
            self.env.push((name.to_owned(), value.to_owned()));
            return Some(());
        }
        // A test's id (`a.py::test[1]`) has brackets, and matches no file.
        self.has_pattern |= word.pattern || (word.bracket && !word.text.contains("::"));
        self.argv.push(word.text);
        Some(())
    }
}

impl Word {
    fn assignment(&self) -> Option<(&str, &str)> {
        let (name, value) = self.text.split_at_checked(self.assigns?)?;
        let is_name = name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_')
            && name.starts_with(|it: char| !it.is_ascii_digit());
        is_name.then_some((name, value.strip_prefix('=')?))
    }
}

/// The first word, and what follows it.
fn word(line: &str) -> Option<(Word, &str)> {
    let mut word = Word::default();
    let mut characters = line.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            ' ' | '\t' => return Some((word, line.get(at..)?)),
            '|' | '&' | ';' | '<' | '>' | '(' | ')' | '$' | '`' | '\n' | '\r' => return None,
            '~' | '#' if at == 0 => return None,
            '\'' => loop {
                word.quoted = true;
                match characters.next()?.1 {
                    '\'' => break,
                    inner => word.text.push(inner),
                }
            },
            '"' => {
                word.quoted = true;
                double_quoted(&mut characters, &mut word.text)?;
            }
            '\\' => match characters.next()?.1 {
                '\n' => return None,
                escaped => word.text.push(escaped),
            },
            other => {
                word.pattern |= matches!(other, '*' | '?' | '{');
                word.bracket |= other == '[';
                if other == '=' && !word.quoted && word.assigns.is_none() {
                    word.assigns = Some(word.text.len());
                }
                word.text.push(other);
            }
        }
    }
    Some((word, ""))
}

/// The rest of a `"…"`; `None` where it holds a substitution or does not end.
fn double_quoted(characters: &mut std::str::CharIndices<'_>, text: &mut String) -> Option<()> {
    loop {
        match characters.next()?.1 {
            '"' => return Some(()),
            '$' | '`' => return None,
            '\\' => match characters.next()?.1 {
                escaped @ ('"' | '\\' | '$' | '`') => text.push(escaped),
                other => text.extend(['\\', other]),
            },
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, env: &[(&str, &str)], argv: &[&str]) {
        let words = split(line).unwrap();
        let seen: Vec<(&str, &str)> = words.env.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(seen, env);
        assert_eq!(words.argv, argv);
        let owned: Vec<String> = argv.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(split(&join(&owned)).unwrap().argv, owned);
    }

    #[test]
    fn words_are_split_and_quotes_removed() {
        check("A=1 B='x y' pytest -k \"a b\"", &[("A", "1"), ("B", "x y")], &["pytest", "-k", "a b"]);
        check(r#"x a\ b 'it'"'"'s' "" "\a\"""#, &[], &["x", "a b", "it's", "", r#"\a""#]);
        check("make CC=gcc", &[], &["make", "CC=gcc"]);
        assert_eq!(split("'A'=1 x").unwrap().argv, ["A=1", "x"]);
    }

    #[test]
    fn what_only_a_shell_understands_is_left_to_it() {
        for line in [
            "a | b", "a && b", "a; b", "a > f", "a $(b)", "a $X", "a \"$X\"", "a `b`", "~/x", "# a", "a 'b",
            "! a", "a\nb", "A=1", "", "(a)", "a &",
        ] {
            assert_eq!(split(line), None, "{line}");
        }
    }

    #[test]
    fn patterns_are_seen_unless_quoted_or_part_of_a_test_id() {
        let has_pattern = |line| split(line).unwrap().has_pattern;
        assert!(has_pattern("node --test test/*.js"));
        assert!(has_pattern("pytest test_[ab].py"));
        assert!(!has_pattern("node --test 'test/*.js'"));
        assert!(!has_pattern("pytest a.py::test_b[1-x]"));
    }
}
