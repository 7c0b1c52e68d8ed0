//! The search: statements are visited cheapest first, their candidates drawn cheapest first.
//!
//! A value: cloned, kept and resumed freely; the same calls give the same candidates.
//! invariants: search-is-seeded and resumable; candidates are edits against one revision; every search has a bound

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashSet};

use bodkin_text::{ByteRange, Edit, Edits, FileEdit};
use bodkin_workspace::{Snapshot, Syntax};

use crate::candidate::{Candidate, CandidateId, Feedback, NoSearch, Options, Place};
use crate::identity;
use crate::learning::{About, Learning};
use crate::operators;
use crate::places::{self, Visit};
use crate::pricing::{self, Priced};
use crate::proposal::{Proposals, Why};
use crate::simplify::{self, Finding};
use crate::site::{Site, Unit};
use crate::source::Source;
use crate::symptom::{Signs, Symptom};
use crate::tree::Kind;

/// Proposals of one statement at most.
const PER_STATEMENT: usize = 12_000;
/// Statements whose places differ by fewer nats share what is left of the bound on proposals.
const ALIKE: f32 = 1.0;
/// Rounds of simplification.
const ROUNDS: usize = 3;

/// A search for what may mend a fault.
#[derive(Debug, Clone)]
pub struct Search {
    sources: Vec<Source>,
    signs: Signs,
    options: Options,
    /// Statements not visited yet, the next one last.
    visits: Vec<Visit>,
    waiting: BinaryHeap<Waiting>,
    /// Results proposed so far.
    seen: HashSet<(usize, u64)>,
    drawn: Vec<About>,
    learning: Learning,
    proposed: usize,
}

impl Search {
    /// Starts a search. Without places, the failures' stacks say where to look.
    pub fn new(
        snapshot: &Snapshot,
        places: &[Place],
        symptoms: &[Symptom],
        options: Options,
    ) -> Result<Self, NoSearch> {
        let places = if places.is_empty() { places::from_symptoms(symptoms) } else { places.to_vec() };
        let mut sources: Vec<Source> = Vec::new();
        let mut problem = None;
        for place in &places {
            if sources.iter().all(|it| it.path != place.file) {
                match Source::read(snapshot, &place.file) {
                    Ok(source) => sources.push(source),
                    Err(error) => {
                        problem.get_or_insert(error);
                    }
                }
            }
        }
        if sources.is_empty() {
            return Err(problem.unwrap_or(NoSearch::NoPlace));
        }
        let mut visits = places::visits(&sources, &places, symptoms)?;
        visits.reverse();
        Ok(Self {
            sources,
            signs: Signs::of(symptoms),
            options,
            visits,
            waiting: BinaryHeap::new(),
            seen: HashSet::new(),
            drawn: Vec::new(),
            learning: Learning::new(symptoms),
            proposed: 0,
        })
    }

    /// The next candidates, likeliest first; at most `max`. None left: an empty list.
    pub fn next_batch(&mut self, max: usize) -> Vec<Candidate> {
        let mut batch = Vec::new();
        while batch.len() < max && self.drawn.len() < self.options.max_candidates {
            self.visit_what_may_be_cheaper();
            let Some(next) = self.waiting.pop() else { break };
            batch.extend(self.draw(next.priced));
        }
        batch
    }

    /// Takes in how candidates went, and reorders what is left.
    pub fn learn(&mut self, feedback: &[Feedback]) {
        for it in feedback {
            if let Some(&about) = self.drawn.get(it.id.0 as usize) {
                self.learning.take(about, &it.result);
            }
        }
        let waiting = std::mem::take(&mut self.waiting).into_vec();
        self.waiting = waiting.into_iter().map(|it| Waiting { cost: self.cost(&it.priced), ..it }).collect();
    }

    /// How many candidates were drawn.
    pub fn tried(&self) -> usize {
        self.drawn.len()
    }

    /// How many proposals were kept to be drawn, equal and unsound ones included.
    pub fn proposed(&self) -> usize {
        self.proposed
    }

    /// About how many are left: those worked out, and a guess for statements not visited yet.
    pub fn remaining_hint(&self) -> usize {
        let guess = self.visits.len().saturating_mul(600);
        let left = self.options.max_candidates.saturating_sub(self.drawn.len());
        self.waiting.len().saturating_add(guess).min(left)
    }

    fn cost(&self, priced: &Priced) -> f32 {
        priced.cost + self.learning.shift(about(priced))
    }

    /// Visits statements until none left can hold a cheaper candidate than the cheapest that waits.
    fn visit_what_may_be_cheaper(&mut self) {
        while let Some(visit) = self.visits.last().copied() {
            let cheaper = self.waiting.peek().is_none_or(|it| visit.cost < it.cost);
            if !cheaper || self.proposed >= self.options.max_proposals {
                return;
            }
            self.visits.pop();
            self.visit(visit);
        }
    }

    fn visit(&mut self, visit: Visit) {
        let Some(source) = self.sources.get(visit.file).cloned() else { return };
        let mut proposals = Proposals::up_to(PER_STATEMENT);
        let unit = Unit::new(&source.tree, &source.facts, &self.signs, visit.statement);
        for node in Unit::header(&source.tree, visit.statement) {
            if source.tree.kind(node) == Kind::Opaque {
                continue;
            }
            let site = Site { unit: &unit, tree: &source.tree, node };
            for operator in operators::ALL.iter().filter(|it| it.knows(source.tree.family)) {
                proposals.speaker(operator.name());
                operator.propose(&site, &mut proposals);
            }
        }
        let mut proposals = proposals.into_vec();
        for it in &mut proposals {
            source.keep_line_ends(&mut it.text);
        }
        let mut priced = pricing::price(&source, visit, &self.signs, &self.options, proposals);
        // Of several ways to one result the cheapest stays.
        priced.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        priced.truncate(self.share(visit));
        self.proposed = self.proposed.saturating_add(priced.len());
        for it in priced {
            let key = identity::key(&source.tree.text, it.proposal.range, &it.proposal.text);
            if self.seen.insert((visit.file, key)) {
                let cost = self.cost(&it);
                self.waiting.push(Waiting { cost, priced: it });
            }
        }
    }

    /// How many proposals of a statement are kept, the cheapest: what is left, shared with those that are as likely.
    fn share(&self, visit: Visit) -> usize {
        let left = self.options.max_proposals.saturating_sub(self.proposed);
        let alike = self.visits.iter().rev().take_while(|it| it.cost < visit.cost + ALIKE).count();
        left.div_ceil(alike.saturating_add(1))
    }

    /// Checks that the result parses, writes it simply, and makes a candidate of it.
    fn draw(&mut self, priced: Priced) -> Option<Candidate> {
        let cost = self.cost(&priced);
        let about = about(&priced);
        let source = self.sources.get(priced.visit.file)?;
        let proposal = &priced.proposal;
        let (range, text, changed) = checked(&source.syntax, proposal.range, &proposal.text)?;
        let key = (priced.visit.file, identity::key(&source.tree.text, range, &text));
        let original = range.of(&source.tree.text)?.to_owned();
        if changed && (original == text || !self.seen.insert(key)) {
            return None;
        }
        let why = match &proposal.why {
            Why::Sentence(sentence) if !changed => sentence.clone(),
            Why::Sentence(_) | Why::Instead => instead(&source.tree.text, range, &text),
        };
        let id = CandidateId(u32::try_from(self.drawn.len()).ok()?);
        let edits = Edits::one(Edit::replace(range, text));
        let edits = FileEdit { path: source.path.clone(), base: source.hash, edits };
        self.drawn.push(about);
        Some(Candidate { id, operator: proposal.operator, edits, cost, why, cautions: priced.cautions })
    }
}

fn about(priced: &Priced) -> About {
    About {
        file: priced.visit.file,
        statement: priced.visit.statement,
        node: priced.proposal.node,
        template: priced.proposal.template,
    }
}

/// The change if its result parses as well as the original and is not idle; simplified, and whether it was.
fn checked(syntax: &Syntax, range: ByteRange, text: &str) -> Option<(ByteRange, String, bool)> {
    let (mut range, mut text) = (range, text.to_owned());
    for round in 0..=ROUNDS {
        let after = syntax.after(&Edits::one(Edit::replace(range, text.clone())))?;
        if after.root().has_error() && !syntax.root().has_error() {
            return None;
        }
        let changed = ByteRange::new(range.start, range.start + text.len());
        match simplify::look(&after, changed) {
            Finding::Simple => return Some((range, text, round > 0)),
            Finding::Idle => return None,
            Finding::Simpler(at, with) => (range, text) = composed(syntax.text(), range, &text, at, &with)?,
        }
    }
    Some((range, text, true))
}

/// One change that does what two do, the second being a change of the first one's result.
fn composed(
    old: &str,
    range: ByteRange,
    text: &str,
    at: ByteRange,
    with: &str,
) -> Option<(ByteRange, String)> {
    let grown = |offset: usize| offset.checked_add(range.end)?.checked_sub(range.start + text.len());
    let start = at.start.min(range.start);
    let new_end = range.start + text.len();
    let end = if at.end > new_end { grown(at.end)? } else { range.end };
    let head = old.get(start..range.start)?;
    let tail = old.get(range.end..end)?;
    let middle = format!("{head}{text}{tail}");
    let (from, to) = (at.start - start, at.end - start);
    let result = format!("{}{with}{}", middle.get(..from)?, middle.get(to..)?);
    Some((ByteRange::new(start, end), result))
}

/// "use `new` instead of `old`", widened to whole words.
fn instead(old: &str, range: ByteRange, text: &str) -> String {
    let before = range.of(old).unwrap_or_default();
    let brief = operators::brief;
    match (before.trim().is_empty(), text.trim().is_empty()) {
        (true, _) => format!("add `{}`", brief(text.trim())),
        (false, true) => format!("drop `{}`", brief(before.trim())),
        (false, false) => format!("use `{}` instead of `{}`", brief(text), brief(before)),
    }
}

/// A priced proposal in the queue.
#[derive(Debug, Clone)]
struct Waiting {
    cost: f32,
    priced: Priced,
}

impl Ord for Waiting {
    /// Greatest is drawn first: the cheapest, then the first in the text, then by text.
    fn cmp(&self, other: &Self) -> Ordering {
        let place = |it: &Self| (it.priced.visit.file, it.priced.proposal.range);
        other
            .cost
            .total_cmp(&self.cost)
            .then_with(|| place(other).cmp(&place(self)))
            .then_with(|| other.priced.proposal.text.cmp(&self.priced.proposal.text))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Waiting {}
