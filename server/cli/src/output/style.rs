//! Colour, where a terminal shows it and the user has not asked for none.
#![expect(clippy::disallowed_methods, reason = "NO_COLOR and TERM are the user's word on colour")]

use std::io::{self, IsTerminal};

/// How a stream is decorated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    colour: bool,
}

impl Style {
    pub(crate) fn of_stdout() -> Self {
        Self { colour: io::stdout().is_terminal() && wanted() }
    }

    pub(crate) fn of_stderr() -> Self {
        Self { colour: io::stderr().is_terminal() && wanted() }
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.paint("31", text)
    }

    pub(crate) fn warn(self, text: &str) -> String {
        self.paint("33", text)
    }

    pub(crate) fn strong(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// A unified diff, its lines coloured by their first character.
    pub(crate) fn diff(self, diff: &str) -> String {
        if !self.colour {
            return diff.to_owned();
        }
        diff.split_inclusive('\n')
            .map(|line| {
                let text = line.trim_end_matches('\n');
                let painted = match text.as_bytes().first() {
                    _ if text.starts_with("+++") || text.starts_with("---") => self.strong(text),
                    Some(b'+') => self.good(text),
                    Some(b'-') => self.bad(text),
                    Some(b'@') => self.paint("36", text),
                    _ => text.to_owned(),
                };
                format!("{painted}\n")
            })
            .collect()
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

fn wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty())
        && std::env::var_os("TERM").is_none_or(|it| it != "dumb")
}
