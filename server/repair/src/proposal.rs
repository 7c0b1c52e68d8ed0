//! What operators hand in: one change of one range, with the template that it is an instance of.

use bodkin_text::ByteRange;

use crate::candidate::Caution;
use crate::expression::Expression;
use crate::priors::Template;
use crate::site::Site;
use crate::tree::NodeId;

/// The sentence that tells the user what a candidate does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Why {
    /// "use `new` instead of `old`", worked out when the candidate is drawn.
    Instead,
    /// A sentence of its own.
    Sentence(String),
}

/// One change, not yet priced.
#[derive(Debug, Clone)]
pub(crate) struct Proposal {
    pub(crate) operator: &'static str,
    pub(crate) template: Template,
    /// Unlikeliness among the proposals of its template at this statement, in nats, from zero.
    pub(crate) extra: f32,
    /// The node that it is about: what is learnt of it holds for others about the same node.
    pub(crate) node: NodeId,
    pub(crate) range: ByteRange,
    pub(crate) text: String,
    pub(crate) why: Why,
    pub(crate) caution: Option<Caution>,
}

/// Collects what the operators say of one statement; bounded.
#[derive(Debug)]
pub(crate) struct Proposals {
    found: Vec<Proposal>,
    operator: &'static str,
    most: usize,
}

impl Proposals {
    pub(crate) fn up_to(most: usize) -> Self {
        Self { found: Vec::new(), operator: "", most }
    }

    /// Names the operator that speaks next.
    pub(crate) fn speaker(&mut self, operator: &'static str) {
        self.operator = operator;
    }

    pub(crate) fn is_full(&self) -> bool {
        self.found.len() >= self.most
    }

    pub(crate) fn into_vec(self) -> Vec<Proposal> {
        self.found
    }

    /// Puts an expression in place of a node, in brackets where they are needed.
    pub(crate) fn replace(
        &mut self,
        site: &Site<'_>,
        node: NodeId,
        with: &Expression,
        template: Template,
        extra: f32,
    ) {
        let text = with.at_least(site.tree.needed(node));
        self.change(site, site.tree.range(node), text, template, extra, Why::Instead);
    }

    /// Puts a text in place of a range.
    pub(crate) fn change(
        &mut self,
        site: &Site<'_>,
        range: ByteRange,
        text: String,
        template: Template,
        extra: f32,
        why: Why,
    ) {
        self.push(site, range, text, template, extra, why, None);
    }

    /// As [`Self::change`], with a sentence and a caution.
    pub(crate) fn risky(
        &mut self,
        site: &Site<'_>,
        range: ByteRange,
        text: String,
        template: Template,
        why: &str,
        caution: Caution,
    ) {
        self.push(site, range, text, template, 0.0, Why::Sentence(why.to_owned()), Some(caution));
    }

    #[expect(clippy::too_many_arguments, reason = "the one place where all parts of a proposal meet")]
    fn push(
        &mut self,
        site: &Site<'_>,
        range: ByteRange,
        text: String,
        template: Template,
        extra: f32,
        why: Why,
        caution: Option<Caution>,
    ) {
        if self.is_full() || range.of(&site.tree.text).is_none_or(|old| old == text) {
            return;
        }
        let (operator, node) = (self.operator, site.node);
        self.found.push(Proposal { operator, template, extra, node, range, text, why, caution });
    }
}
