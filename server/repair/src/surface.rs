//! How a language writes what operators mean: the words of `and`, of a guard clause, of a length.

/// Languages that share a surface and a shape of trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Family {
    /// Python.
    Python,
    /// JavaScript and, when `typed`, TypeScript.
    JavaScript {
        /// Whether types are written.
        typed: bool,
    },
}

/// How strongly an expression binds; a larger one needs fewer brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Level(pub(crate) u8);

impl Level {
    pub(crate) const LOOSE: Self = Self(0);
    pub(crate) const TERNARY: Self = Self(1);
    pub(crate) const OR: Self = Self(2);
    pub(crate) const AND: Self = Self(3);
    pub(crate) const NOT: Self = Self(4);
    pub(crate) const COMPARISON: Self = Self(5);
    pub(crate) const SUM: Self = Self(10);
    pub(crate) const PRODUCT: Self = Self(11);
    pub(crate) const UNARY: Self = Self(12);
    pub(crate) const POWER: Self = Self(13);
    pub(crate) const PRIMARY: Self = Self(14);
    pub(crate) const ATOM: Self = Self(15);

    /// The next stronger one.
    pub(crate) fn tighter(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl Family {
    pub(crate) fn is_python(self) -> bool {
        self == Self::Python
    }

    /// One of two texts: Python's, JavaScript's.
    fn pick(self, python: &'static str, javascript: &'static str) -> &'static str {
        match self {
            Self::Python => python,
            Self::JavaScript { .. } => javascript,
        }
    }

    pub(crate) fn and(self) -> &'static str {
        self.pick("and", "&&")
    }

    pub(crate) fn or(self) -> &'static str {
        self.pick("or", "||")
    }

    /// The prefix that negates.
    pub(crate) fn not(self) -> &'static str {
        self.pick("not ", "!")
    }

    pub(crate) fn not_level(self) -> Level {
        match self {
            Self::Python => Level::NOT,
            Self::JavaScript { .. } => Level::UNARY,
        }
    }

    pub(crate) fn equals(self) -> &'static str {
        self.pick("==", "===")
    }

    pub(crate) fn differs(self) -> &'static str {
        self.pick("!=", "!==")
    }

    pub(crate) fn null(self) -> &'static str {
        self.pick("None", "null")
    }

    pub(crate) fn yes(self) -> &'static str {
        self.pick("True", "true")
    }

    pub(crate) fn no(self) -> &'static str {
        self.pick("False", "false")
    }

    /// `x is None`, `x == null`.
    pub(crate) fn is_null(self, text: &str) -> String {
        format!("{text}{}", self.pick(" is None", " == null"))
    }

    /// `x is not None`, `x != null`.
    pub(crate) fn is_not_null(self, text: &str) -> String {
        format!("{text}{}", self.pick(" is not None", " != null"))
    }

    /// The length of what `text` (a primary expression) names.
    pub(crate) fn length(self, text: &str) -> String {
        match self {
            Self::Python => format!("len({text})"),
            Self::JavaScript { .. } => format!("{text}.length"),
        }
    }

    /// What ends a simple statement.
    pub(crate) fn end(self) -> &'static str {
        self.pick("", ";")
    }

    /// `if c: s` on two lines, indented by `indent`; no newline at the end, no indent at the start.
    pub(crate) fn guarded(self, condition: &str, statement: &str, indent: &str, step: &str) -> String {
        match self {
            Self::Python => format!("if {condition}:\n{indent}{step}{statement}"),
            Self::JavaScript { .. } => format!("if ({condition}) {{\n{indent}{step}{statement};\n{indent}}}"),
        }
    }

    /// Binding strength of a binary operator token.
    pub(crate) fn level_of_operator(self, token: &str) -> Level {
        match token {
            "||" | "or" => Level::OR,
            // Mixed with `||` or `&&` it must stand in brackets.
            "??" => Level::TERNARY,
            "&&" | "and" => Level::AND,
            "|" | "^" | "&" => match self {
                Self::Python => match token {
                    "|" => Level(6),
                    "^" => Level(7),
                    _ => Level(8),
                },
                Self::JavaScript { .. } => Level(4),
            },
            "<<" | ">>" | ">>>" => Level(9),
            "+" | "-" => Level::SUM,
            "*" | "/" | "//" | "%" | "@" => Level::PRODUCT,
            "**" => Level::POWER,
            _ => Level::COMPARISON,
        }
    }

    /// Words that are no names.
    pub(crate) fn is_keyword(self, word: &str) -> bool {
        let words: &[&str] = match self {
            Self::Python => &[
                "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif",
                "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
                "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "None",
                "True", "False",
            ],
            Self::JavaScript { .. } => &[
                "break",
                "case",
                "catch",
                "class",
                "const",
                "continue",
                "delete",
                "do",
                "else",
                "export",
                "extends",
                "finally",
                "for",
                "function",
                "if",
                "import",
                "in",
                "instanceof",
                "let",
                "new",
                "return",
                "super",
                "switch",
                "this",
                "throw",
                "try",
                "typeof",
                "var",
                "void",
                "while",
                "yield",
                "null",
                "true",
                "false",
                "undefined",
            ],
        };
        words.contains(&word)
    }
}
