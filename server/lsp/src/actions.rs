//! The table of code actions: one file an action, one line here.
//!
//! Static: an action looks at the document, at what is known of its tests, and at nothing else. It offers nothing where
//! it could not work, and each can be switched off by its setting.

mod fix_diagnostic;
mod fix_lines;
mod fix_test;
mod later;
mod quick_fixes;
mod run_tests;

use bodkin_host::code::{File, Snapshot, is_test_file};
use bodkin_text::{ByteRange, Line0, RelPath};
use serde::Serialize;
use tower_lsp::ls_types::{
    CodeAction, CodeActionDisabled, CodeActionKind, CodeActionOrCommand, CodeActionParams,
    CodeActionTriggerKind, Command, Diagnostic, WorkspaceEdit,
};

use crate::documents::Document;
use crate::features::Actions;
use crate::folders::FolderId;
use crate::positions;
use crate::requests::initialize::file_path;
use crate::server::Server;

/// Kind of what mends something.
pub(crate) const QUICK_FIX: &str = "quickfix.bodkin";
/// Kind of what rewrites the selection.
pub(crate) const REWRITE: &str = "refactor.rewrite.bodkin";
/// Kind of what is about the whole file.
pub(crate) const SOURCE: &str = "source.bodkin";

/// Every kind, as `initialize` tells them.
pub(crate) const KINDS: [&str; 3] = [QUICK_FIX, REWRITE, SOURCE];

/// One action.
struct Action {
    /// The kinds that it is offered as; the first that the client lets through.
    kinds: &'static [&'static str],
    /// Whether the user wants it.
    is_on: fn(&Actions) -> bool,
    /// Whether it is only for clients that ask for its kind by name.
    only_asked: bool,
    /// What it offers here.
    offers: fn(&Asked<'_>) -> Vec<Offer>,
}

const TABLE: &[Action] = &[
    action(&[QUICK_FIX], |on| on.quick_fixes, quick_fixes::offers),
    action(&[QUICK_FIX], |on| on.fix_test, fix_test::offers),
    action(&[QUICK_FIX], |on| on.fix_diagnostic, fix_diagnostic::offers),
    action(&[QUICK_FIX, REWRITE], |on| on.fix_line, fix_lines::offers),
    action(&[SOURCE], |on| on.run_tests, run_tests::offers),
    Action { only_asked: true, ..action(&[REWRITE], |_| true, later::refactorings) },
    Action { only_asked: true, ..action(&[SOURCE], |_| true, later::of_source) },
];

const fn action(
    kinds: &'static [&'static str],
    is_on: fn(&Actions) -> bool,
    offers: fn(&Asked<'_>) -> Vec<Offer>,
) -> Action {
    Action { kinds, is_on, only_asked: false, offers }
}

/// What is asked for, and what it is asked of.
pub(crate) struct Asked<'a> {
    pub(crate) server: &'a Server,
    pub(crate) document: &'a Document,
    /// The folder, and the path in it, where it is open.
    home: Option<(FolderId, RelPath, Snapshot)>,
    /// The lines that are meant.
    pub(crate) lines: (Line0, Line0),
    /// What the client says is wrong there.
    pub(crate) diagnostics: &'a [Diagnostic],
}

/// One thing that can be had.
pub(crate) struct Offer {
    pub(crate) title: String,
    pub(crate) does: Does,
    /// What it would mend.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// What becomes of an offer that is taken.
pub(crate) enum Does {
    /// The text changes.
    Edit(Box<WorkspaceEdit>),
    /// A command of ours begins.
    Command(Command),
    /// It can not be had, because of this.
    Nothing(&'static str),
}

/// The names that editors give to the languages that Bodkin knows.
const LANGUAGES: [&str; 5] = ["python", "javascript", "javascriptreact", "typescript", "typescriptreact"];

/// The actions for a selection or a cursor.
pub(crate) fn offered(server: &Server, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
    let Some(asked) = Asked::of(server, params) else { return Vec::new() };
    let only = params.context.only.as_deref().unwrap_or_default();
    if !only.is_empty() && params.context.trigger_kind == Some(CodeActionTriggerKind::AUTOMATIC) {
        return Vec::new(); // a filter without a user is an action on save
    }
    let kind_of = |action: &Action| match (only.is_empty(), action.only_asked) {
        (true, true) => None,
        (true, false) => action.kinds.first().copied(),
        // Whoever asks for everything asks for nothing by name.
        (false, true) if only.iter().all(|it| it.as_str().is_empty()) => None,
        (false, _) => {
            action.kinds.iter().copied().find(|kind| only.iter().any(|it| is_within(kind, it.as_str())))
        }
    };
    let is_on = |action: &&Action| (action.is_on)(&server.preferences_at(asked.document).features.actions);
    TABLE
        .iter()
        .filter(is_on)
        .filter_map(|action| Some((kind_of(action)?, (action.offers)(&asked))))
        .flat_map(|(kind, offers)| offers.into_iter().filter_map(move |it| shown(server, kind, it)))
        .collect()
}

impl<'a> Asked<'a> {
    /// `None` where nothing can be done: a file that is none, a text that is not known, a line that is not there.
    fn of(server: &'a Server, params: &'a CodeActionParams) -> Option<Self> {
        let document = server.documents.get(&file_path(&params.text_document.uri)?)?;
        if document.suspect.is_some() || !LANGUAGES.contains(&document.language.as_str()) {
            return None;
        }
        let lines = positions::lines(&document.index, params.range)?;
        let home = document.home.as_ref().and_then(|(folder, rel)| {
            let snapshot = server.folders.engine(*folder)?.snapshot();
            snapshot
                .file(rel)
                .is_some_and(|it| it.suspect().is_none())
                .then(|| (*folder, rel.clone(), snapshot))
        });
        Some(Self { server, document, home, lines, diagnostics: &params.context.diagnostics })
    }

    /// The file with its tree; `None` while its folder is not open.
    pub(crate) fn file(&self) -> Option<&File> {
        self.home.as_ref().and_then(|(_, rel, snapshot)| snapshot.file(rel))
    }

    /// Where it is.
    pub(crate) fn home(&self) -> Option<(FolderId, &RelPath)> {
        self.home.as_ref().map(|(folder, rel, _)| (*folder, rel))
    }

    /// The bytes of the lines that are meant.
    pub(crate) fn range(&self) -> Option<ByteRange> {
        let first = self.document.index.line_range(self.lines.0)?;
        let last = self.document.index.line_range(self.lines.1)?;
        Some(ByteRange::new(first.start, last.end))
    }

    /// Whether the file is a test: no change of it proves anything.
    pub(crate) fn is_test(&self) -> bool {
        self.document.home.as_ref().is_some_and(|(_, rel)| is_test_file(rel))
    }

    /// Whether the lines hold code that can be read: not only blanks and comments, and nothing broken.
    pub(crate) fn holds_code(&self) -> bool {
        let Some(range) = self.range() else { return false };
        let Some(syntax) = self.file().and_then(File::syntax) else {
            let text = range.of(&self.document.text).unwrap_or_default();
            return text.lines().any(|line| !line.trim_start().is_empty() && !is_comment(line));
        };
        let is_near = |it: &ByteRange| it.start <= range.end && it.end >= range.start;
        let is_broken = syntax.error_nodes().iter().any(|it| is_near(&it.range()));
        !is_broken
            && syntax.nodes_in(range).iter().any(|it| it.is_statement() && it.start() <= range.end)
            && range.of(&self.document.text).is_some_and(|text| text.lines().any(|line| !is_blank(line)))
    }
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty() || is_comment(line)
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with(['#']) || line.trim_start().starts_with("//")
}

/// A command of ours with its argument.
pub(crate) fn command(title: &str, name: &str, argument: &impl Serialize) -> Option<Command> {
    let argument = serde_json::to_value(argument).ok()?;
    Some(Command::new(title.to_owned(), name.to_owned(), Some(vec![argument])))
}

/// An offer as the client takes it; `None` where it could make nothing of it.
fn shown(server: &Server, kind: &'static str, offer: Offer) -> Option<CodeActionOrCommand> {
    let Offer { title, does, diagnostics } = offer;
    let mut action = CodeAction {
        title,
        kind: Some(CodeActionKind::new(kind)),
        diagnostics: Some(diagnostics).filter(|it| !it.is_empty()),
        ..CodeAction::default()
    };
    match does {
        Does::Command(command) if !server.client.code_action_literals => {
            return Some(CodeActionOrCommand::Command(command));
        }
        Does::Edit(edit) => action.edit = Some(*edit),
        Does::Command(command) => action.command = Some(command),
        Does::Nothing(_) if !server.client.disabled_actions => return None,
        Does::Nothing(reason) => action.disabled = Some(CodeActionDisabled { reason: reason.to_owned() }),
    }
    server.client.code_action_literals.then_some(CodeActionOrCommand::CodeAction(action))
}

/// Whether a kind is `filter` or below it.
fn is_within(kind: &str, filter: &str) -> bool {
    filter.is_empty()
        || kind.strip_prefix(filter).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
