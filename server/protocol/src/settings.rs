//! Every setting of an editor: name, type, default, meaning. Declared here and nowhere else.
//!
//! `docs/settings.md`, the configuration of the VS Code extension and the classes for Lua are written from this.

/// The section that the settings live in, and the name before each of them.
pub const SECTION: &str = "bodkin";

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its name within the section: `actions.fixLine`.
    pub name: &'static str,
    /// What it can be, and is when nobody says anything.
    pub kind: Kind,
    /// Who may set it.
    pub scope: Scope,
    /// Who reads it.
    pub reader: Reader,
    /// What it means, in sentences.
    pub meaning: &'static str,
}

/// What a setting can be, with its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text, or nothing; nothing by default.
    OptionalText,
    /// True or false.
    Flag {
        /// What it is by default.
        default: bool,
    },
    /// A whole number.
    Whole {
        /// What it is by default.
        default: u64,
        /// The least that it can be.
        least: u64,
        /// The most.
        most: u64,
    },
    /// One of some words.
    Choice {
        /// What it is by default.
        default: &'static str,
        /// The words, each with what it means.
        words: &'static [(&'static str, &'static str)],
    },
}

/// Who may set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The user, a workspace and a folder of it.
    Folder,
    /// Only the user: what a project says of itself must not weaken what protects from it.
    User,
}

/// Who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The server, from every client.
    Server,
    /// The VS Code extension.
    VsCode,
}

const DAY_SECONDS: u64 = 86_400;

/// Every setting, in the order in which they are shown.
pub const SETTINGS: &[Setting] = &[
    server(
        "testCommand",
        Kind::OptionalText,
        "The command that runs the tests, as it would be typed. Empty: found in the workspace.",
    ),
    server(
        "testTimeoutSeconds",
        Kind::Whole { default: 60, least: 1, most: DAY_SECONDS },
        "How long one run of the test command may take, in seconds.",
    ),
    server(
        "runTimeoutSeconds",
        Kind::Whole { default: 300, least: 1, most: DAY_SECONDS },
        "How long a whole run may take before it offers the best that it has, in seconds.",
    ),
    server(
        "maxCandidates",
        Kind::Whole { default: 20_000, least: 1, most: 1_000_000 },
        "How many candidates a run may try.",
    ),
    server(
        "review",
        Kind::Choice {
            default: "hunks",
            words: &[
                ("hunks", "A proved change is shown, and you accept or reject each hunk of it."),
                ("apply", "A proved change is put in place at once; it can be taken back."),
            ],
        },
        "What becomes of a proved change. Editors that can not show a review put it in place at once.",
    ),
    server(
        "confirm",
        Kind::Choice {
            default: "auto",
            words: &[
                ("auto", "The editor asks before it makes the edit, where it can."),
                ("never", "The edit is made without a question."),
            ],
        },
        "Whether an editor that shows no review asks before it makes the edit of a proved change.",
    ),
    server("actions.fixLine", ON, "Offer to fix the selected lines."),
    server("actions.fixDiagnostic", ON, "Offer to fix what a diagnostic complains of."),
    server("actions.fixTest", ON, "Offer to fix a failing test."),
    server("actions.runTests", ON, "Offer to run tests in the sandbox."),
    server("actions.quickFixes", ON, "Offer small fixes that are certain, with their edit inside."),
    server("codeLens", ON, "Show above each test how to run it, and how to fix it when it fails."),
    server("diagnostics.syntax", ON, "Report syntax errors."),
    server("diagnostics.tests", ON, "Report failed tests where they failed."),
    server("diagnostics.secrets", ON, "Report keys and passwords before they are saved."),
    server(
        "navigation",
        Kind::Choice {
            default: "off",
            words: &[
                ("off", "Leave symbols, definitions and references to other servers."),
                ("on", "Offer symbols, definitions and references."),
            ],
        },
        "Whether Bodkin offers symbols, definitions and references, for editors that have no other server for them.",
    ),
    Setting {
        name: "allowReduced",
        kind: Kind::Flag { default: false },
        scope: Scope::User,
        reader: Reader::Server,
        meaning: "Run tests where this machine offers no full sandbox: with limits and on a copy of the files, \
                  but without walls of their own. Only the user can allow it, not a project.",
    },
    vs_code(
        "path",
        Kind::OptionalText,
        "The `bodkin` program to start. Empty: the one that comes with the extension, else the one on the PATH.",
    ),
    vs_code(
        "trace.server",
        Kind::Choice {
            default: "off",
            words: &[
                ("off", "Log nothing."),
                ("messages", "Log which messages are exchanged."),
                ("verbose", "Log every message whole, source text included."),
            ],
        },
        "What is logged of the conversation with the server.",
    ),
];

/// Those that the server reads.
pub fn of_server() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().filter(|it| it.reader == Reader::Server)
}

const ON: Kind = Kind::Flag { default: true };

const fn server(name: &'static str, kind: Kind, meaning: &'static str) -> Setting {
    Setting { name, kind, scope: Scope::Folder, reader: Reader::Server, meaning }
}

const fn vs_code(name: &'static str, kind: Kind, meaning: &'static str) -> Setting {
    Setting { name, kind, scope: Scope::User, reader: Reader::VsCode, meaning }
}
