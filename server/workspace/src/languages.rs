//! The languages, one file each. A new one is a file in `languages/` and a line in each match below.

mod javascript;
mod javascript_imports;
mod python;
mod python_imports;
mod tsx;
mod typescript;

use bodkin_text::RelPath;

use crate::grammar::{Builtins, Table};

/// A language whose syntax is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// Python 3, stubs included.
    Python,
    /// JavaScript, JSX included.
    JavaScript,
    /// TypeScript without JSX.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Python, Self::JavaScript, Self::TypeScript, Self::Tsx];

    /// By the extension; by the `#!` line where there is none.
    pub fn of(path: &RelPath, text: &str) -> Option<Self> {
        match path.extension() {
            Some(extension) => Self::of_extension(extension),
            None => interpreter(text).and_then(Self::of_interpreter),
        }
    }

    /// By an extension without its dot, in lower or upper case.
    pub fn of_extension(extension: &str) -> Option<Self> {
        let extension = extension.to_ascii_lowercase();
        Self::ALL.into_iter().find(|it| it.table().grammar.extensions.contains(&extension.as_str()))
    }

    fn of_interpreter(name: &str) -> Option<Self> {
        let name = name.trim_end_matches(|it: char| it.is_ascii_digit() || it == '.');
        Self::ALL.into_iter().find(|it| it.table().grammar.interpreters.contains(&name))
    }

    /// The name that people write.
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::JavaScript => "JavaScript",
            Self::TypeScript => "TypeScript",
            Self::Tsx => "TSX",
        }
    }

    /// Names that are there without an import.
    pub fn builtins(self) -> &'static Builtins {
        &self.table().grammar.builtins
    }

    pub(crate) fn table(self) -> &'static Table {
        match self {
            Self::Python => python::table(),
            Self::JavaScript => javascript::table(),
            Self::TypeScript => typescript::table(),
            Self::Tsx => tsx::table(),
        }
    }
}

/// `python3` of `#!/usr/bin/env -S python3 -u`.
fn interpreter(text: &str) -> Option<&str> {
    let line = text.strip_prefix("#!")?.lines().next()?;
    let mut words = line.split_whitespace();
    let program = words.next()?.rsplit('/').next()?;
    match program {
        "env" => words.find(|word| !word.starts_with('-') && !word.contains('=')),
        program => Some(program),
    }
}
