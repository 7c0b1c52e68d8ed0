//! What is wrong with the syntax of a file.

use bodkin_text::ByteRange;

use crate::languages::Language;
use crate::node::Node;
use crate::syntax::Syntax;

/// One place where the text is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where; empty where something is missing.
    pub range: ByteRange,
    /// What sort of fault.
    pub kind: ProblemKind,
    /// What a person reads.
    pub message: String,
}

/// The sort of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// Text that fits nowhere.
    Unexpected,
    /// Something that should stand there does not.
    Missing,
    /// The parser was stopped: nothing is known of the file's syntax.
    GivenUp,
}

impl Problem {
    /// As many are told of one file.
    pub const MOST: usize = 100;

    pub(crate) fn all_of(syntax: &Syntax) -> Vec<Self> {
        syntax.error_nodes().into_iter().take(Self::MOST).map(Self::of).collect()
    }

    pub(crate) fn given_up(language: Language, bytes: usize) -> Self {
        Self {
            range: ByteRange::new(0, bytes),
            kind: ProblemKind::GivenUp,
            message: format!(
                "reading these {bytes} bytes as {} took too long and was stopped",
                language.name()
            ),
        }
    }

    fn of(node: Node<'_>) -> Self {
        if node.is_missing() {
            let message = format!("expected `{}` here", node.kind());
            return Self { range: node.range(), kind: ProblemKind::Missing, message };
        }
        let start: String =
            node.text().chars().take_while(|it| !matches!(it, '\n' | '\r')).take(30).collect();
        let message = match start.trim() {
            "" => "did not expect the line to end here".to_owned(),
            start => format!("did not expect `{start}` here"),
        };
        Self { range: node.range(), kind: ProblemKind::Unexpected, message }
    }
}
