//! What tried candidates tell of those that wait: nats to add, by node, by statement and by template.

use std::collections::HashMap;

use crate::candidate::FeedbackResult;
use crate::priors::Template;
use crate::symptom::Symptom;
use crate::tree::NodeId;

/// What a candidate was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct About {
    pub(crate) file: usize,
    pub(crate) statement: NodeId,
    pub(crate) node: NodeId,
    pub(crate) template: Template,
}

/// What was learnt so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Learning {
    nodes: HashMap<(usize, NodeId), f32>,
    statements: HashMap<(usize, NodeId), f32>,
    templates: HashMap<Template, f32>,
    /// Kind and message of each failure before any change.
    before: Vec<(String, String)>,
}

impl Learning {
    /// Knows how it failed before.
    pub(crate) fn new(symptoms: &[Symptom]) -> Self {
        let before = symptoms.iter().map(|it| (it.kind.clone(), it.message.clone())).collect();
        Self { before, ..Self::default() }
    }

    /// Nats to add to a candidate.
    pub(crate) fn shift(&self, about: About) -> f32 {
        let node = self.nodes.get(&(about.file, about.node)).copied().unwrap_or(0.0);
        let statement = self.statements.get(&(about.file, about.statement)).copied().unwrap_or(0.0);
        let template = self.templates.get(&about.template).copied().unwrap_or(0.0);
        node.clamp(-2.0, 1.5) + statement.clamp(-1.0, 1.0) + template.clamp(-1.0, 1.0)
    }

    /// Takes in how one candidate went.
    pub(crate) fn take(&mut self, about: About, result: &FeedbackResult) {
        let (node, statement, template) = match result {
            // What passes is found; its neighbours are as likely as before.
            FeedbackResult::Passed => (0.0, 0.0, 0.0),
            FeedbackResult::Failed { mended, .. } if *mended > 0 => {
                let much = (*mended as f32).min(3.0);
                (-0.5 * much, -0.2 * much, -0.1 * much)
            }
            // Nothing observable changed: the place does not matter to the failure.
            FeedbackResult::Failed { kind, message, .. } if self.failed_so_before(kind, message) => {
                (0.10, 0.02, 0.0)
            }
            FeedbackResult::Failed { .. } => (0.02, 0.0, 0.0),
            FeedbackResult::TimedOut | FeedbackResult::Crashed => (0.05, 0.0, 0.02),
            FeedbackResult::Broken => (0.05, 0.0, 0.05),
        };
        *self.nodes.entry((about.file, about.node)).or_default() += node;
        *self.statements.entry((about.file, about.statement)).or_default() += statement;
        *self.templates.entry(about.template).or_default() += template;
    }

    fn failed_so_before(&self, kind: &str, message: &str) -> bool {
        self.before.iter().any(|(one, other)| one == kind && cut(other) == cut(message))
    }
}

/// Messages are cut at different lengths on their way.
fn cut(message: &str) -> &str {
    message.char_indices().nth(200).and_then(|(at, _)| message.get(..at)).unwrap_or(message)
}
