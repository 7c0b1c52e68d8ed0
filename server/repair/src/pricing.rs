//! From proposals to costs: a probability for each candidate of a statement.
//!
//! A statement's probability is shared among the templates that apply to it, by their weight, and a template's share
//! among its proposals, by their `extra`; where all of them are unlikely, part of the share is left over. So many proposals of one kind do not crowd out a few of another.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::candidate::{Caution, Options};
use crate::places::Visit;
use crate::priors::Template;
use crate::proposal::Proposal;
use crate::source::Source;
use crate::symptom::Signs;
use crate::tree::Kind;

/// A statement to which few templates apply is not for that reason a likelier place.
const LEAST_TOTAL: f32 = 50.0;

/// A proposal with its cost in nats.
#[derive(Debug, Clone)]
pub(crate) struct Priced {
    pub(crate) proposal: Proposal,
    pub(crate) visit: Visit,
    /// Without what was learnt.
    pub(crate) cost: f32,
    pub(crate) cautions: Vec<Caution>,
}

/// Prices all proposals of one statement.
pub(crate) fn price(
    source: &Source,
    visit: Visit,
    signs: &Signs,
    options: &Options,
    proposals: Vec<Proposal>,
) -> Vec<Priced> {
    let mut shares: HashMap<Template, f32> = HashMap::new();
    for proposal in &proposals {
        *shares.entry(proposal.template).or_default() += (-proposal.extra).exp();
    }
    let weight = |template: Template| template.weight(source.tree.family, &signs.classes);
    let mut templates: Vec<Template> = shares.keys().copied().collect();
    templates.sort_unstable();
    let applicable: f32 = templates.iter().map(|&it| weight(it)).sum();
    let total = applicable.max(LEAST_TOTAL);
    proposals
        .into_iter()
        .filter(|it| weight(it.template) > 0.0)
        .map(|proposal| {
            let share = shares.get(&proposal.template).copied().unwrap_or(1.0);
            let cautions = cautions(source, visit, signs, &proposal);
            let cost = visit.cost - (weight(proposal.template) / total).ln()
                + proposal.extra
                + share.max(1.0).ln()
                + proposal.text.len() as f32 * 0.002
                + cautions.iter().map(|it| it.cost()).sum::<f32>()
                - jitter(options, &proposal);
            Priced { proposal, visit, cost, cautions }
        })
        .collect()
}

fn cautions(source: &Source, visit: Visit, signs: &Signs, proposal: &Proposal) -> Vec<Caution> {
    let mut cautions: Vec<Caution> = proposal.caution.into_iter().collect();
    let tree = &source.tree;
    let telling = |value: &&String| {
        value.len() > 2
            && !matches!(value.as_str(), "True" | "False" | "None" | "true" | "false" | "null" | "undefined")
    };
    if signs
        .expected
        .iter()
        .filter(telling)
        .any(|it| proposal.text.contains(it.as_str()) && !tree.text.contains(it.as_str()))
    {
        cautions.push(Caution::FitsTheTest);
    }
    if tree.kind(visit.statement) == Kind::OtherStatement && tree.text(visit.statement).starts_with("assert")
    {
        cautions.push(Caution::WeakensCheck);
    }
    cautions
}

/// What the seed takes off: the same for the same seed and change.
fn jitter(options: &Options, proposal: &Proposal) -> f32 {
    if options.seed == 0 {
        return 0.0;
    }
    let mut hasher = DefaultHasher::new();
    (options.seed, proposal.range, &proposal.text).hash(&mut hasher);
    (hasher.finish() % 1_000) as f32 / 1_000.0 * options.jitter
}
