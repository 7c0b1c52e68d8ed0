//! Which pieces of a change ran.
//!
//! Runners report lines by rules of their own: of a statement over several lines an interpreter tells some, of a
//! header such as `else:` none, and block coverage tells brackets and comments as well. So what is asked for is not
//! each changed line but each changed statement, found in the tree: one of its own lines must have run. Of a
//! function, an `else` or a `finally` it is a line of the body, because the header's line says nothing. Where
//! statements were only taken out, a neighbour in the same block must have run.

use std::collections::BTreeSet;

use bodkin_text::{Bias, ByteRange, Edits, Line0, Line1, LineIndex, RelPath};
use bodkin_workspace::{Language, Node, Role, Slot, Syntax};

/// What ran of a change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Execution {
    /// Changed lines of the new text that ran, or the line by which their statement is known to have run.
    pub(super) executed: Vec<Line1>,
    /// First lines of changed statements that did not run.
    pub(super) unexecuted: Vec<Line1>,
}

/// Looks for each piece of the change from `old` to `new` among the lines that ran.
pub(super) fn of(file: &RelPath, old: &str, new: &str, ran: &BTreeSet<Line1>) -> Execution {
    let index = LineIndex::new(new);
    let pieces = pieces(file, old, new, &index);
    let (mut executed, mut unexecuted) = (BTreeSet::new(), BTreeSet::new());
    let has_run = |line: &Line0| ran.contains(&Line1::from(*line));
    for piece in &pieces {
        let seen: Vec<Line0> = piece.at.iter().copied().filter(has_run).collect();
        match piece.shown_by.iter().copied().find(has_run) {
            Some(line) if seen.is_empty() => {
                executed.insert(Line1::from(line));
            }
            Some(_) => executed.extend(seen.into_iter().map(Line1::from)),
            None => unexecuted.extend(piece.at.first().copied().map(Line1::from)),
        }
    }
    if pieces.is_empty() {
        // Nothing of it runs at all: a comment, a declaration for the reader.
        let first = Edits::between(old, new).iter().next().map_or(0, |edit| edit.range.start);
        unexecuted.insert(Line1::from(index.line(first.min(new.len()))));
    }
    Execution { executed: executed.into_iter().collect(), unexecuted: unexecuted.into_iter().collect() }
}

/// A piece of a change.
#[derive(Debug, Default)]
struct Piece {
    /// Lines of the new text that it touches.
    at: Vec<Line0>,
    /// Lines of the new text of which one must have run.
    shown_by: BTreeSet<Line0>,
}

fn pieces(file: &RelPath, old: &str, new: &str, index: &LineIndex) -> Vec<Piece> {
    let edits = Edits::between(old, new);
    let parse = |text: &str| Syntax::parse(Language::of(file, text)?, text.into());
    let trees = parse(old).zip(parse(new));
    let mut shift = 0_isize;
    let mut pieces = Vec::new();
    for edit in edits.iter() {
        let start = edit.range.start.saturating_add_signed(shift);
        shift += edit.text.len().cast_signed() - edit.range.len().cast_signed();
        let now = ByteRange::new(start, start + edit.text.len());
        let removed = edit.range.of(old).unwrap_or_default();
        let change = match (edit.text.trim().is_empty(), removed.trim().is_empty()) {
            (false, _) => Changed::Written(trimmed(new, now)),
            (true, false) => Changed::TakenOut(trimmed(old, edit.range), start),
            (true, true) => Changed::Written(trimmed(new, whole_lines(index, now))),
        };
        match &trees {
            Some((before, after)) => {
                pieces.extend(Trees { before, after, edits: &edits, index }.pieces(change));
            }
            None => pieces.extend(by_lines(change, index)),
        }
    }
    pieces
}

/// What one edit does.
#[derive(Debug, Clone, Copy)]
enum Changed {
    /// Text of the new file that is new, or newly indented.
    Written(ByteRange),
    /// Text of the old file that is gone, and where in the new one it stood.
    TakenOut(ByteRange, usize),
}

/// Without a tree: a line that it touches, or one beside it.
fn by_lines(change: Changed, index: &LineIndex) -> Option<Piece> {
    let (at, around) = match change {
        Changed::Written(range) => (index.line(range.start).0..=index.line(range.end).0, 0),
        Changed::TakenOut(_, offset) => (index.line(offset).0..=index.line(offset).0, 1),
    };
    let shown_by = at.start().saturating_sub(around)..=at.end() + around;
    Some(Piece { at: at.map(Line0).collect(), shown_by: shown_by.map(Line0).collect() })
}

struct Trees<'t> {
    before: &'t Syntax,
    after: &'t Syntax,
    edits: &'t Edits,
    index: &'t LineIndex,
}

impl<'t> Trees<'t> {
    fn pieces(&self, change: Changed) -> Vec<Piece> {
        match change {
            Changed::Written(range) => self.written(range),
            Changed::TakenOut(range, offset) => self.taken_out(range, offset).into_iter().collect(),
        }
    }

    /// Each statement whose own text the range touches.
    fn written(&self, range: ByteRange) -> Vec<Piece> {
        let mut units: Vec<(Node<'t>, Vec<Line0>)> = Vec::new();
        for leaf in leaves(self.after.root(), |node| overlap(node.range(), range)) {
            let Some(unit) = owner(leaf) else { continue };
            let line = self.index.line(leaf.start());
            match units.iter_mut().find(|(known, _)| *known == unit) {
                Some((_, at)) => at.push(line),
                None => units.push((unit, vec![line])),
            }
        }
        let piece = |(unit, mut at): (Node<'t>, Vec<Line0>)| {
            at.dedup();
            Some(Piece { at, shown_by: self.shown_by(unit)? })
        };
        units.into_iter().filter_map(piece).collect()
    }

    /// A statement that lost a part, or a neighbour of those that are gone.
    fn taken_out(&self, range: ByteRange, offset: usize) -> Option<Piece> {
        let first = leaves(self.before.root(), |node| overlap(node.range(), range)).into_iter().next()?;
        let unit = owner(first)?;
        let at = vec![self.index.line(offset)];
        let mut shown_by = BTreeSet::new();
        if !range.contains(unit.range()) {
            let stands = if unit.start() < range.start { self.now(unit.start()) } else { offset };
            shown_by.extend(self.unit_from(stands).and_then(|unit| self.shown_by(unit)).unwrap_or_default());
            return Some(Piece { at, shown_by });
        }
        let after = std::iter::successors(unit.next(), |it| it.next()).find(|it| !range.contains(it.range()));
        let mut beside: Vec<Node<'_>> =
            [unit.previous(), after].into_iter().flatten().filter(|it| is_unit(*it)).collect();
        if beside.is_empty() {
            beside.extend(unit.ancestors().find(|it| is_unit(*it)));
        }
        for unit in beside {
            let stands = self.unit_from(self.now(unit.start()));
            shown_by.extend(stands.and_then(|unit| self.shown_by(unit)).unwrap_or_default());
        }
        Some(Piece { at, shown_by })
    }

    fn now(&self, offset: usize) -> usize {
        self.edits.map_offset(offset, Bias::Right)
    }

    /// The statement of the first text at or after an offset of the new text.
    fn unit_from(&self, offset: usize) -> Option<Node<'t>> {
        let leaf = leaves(self.after.root(), |node| node.end() > offset).into_iter().next()?;
        owner(leaf)
    }

    /// The lines of which one must have run for the statement to have run; `None` where nothing of it runs.
    fn shown_by(&self, unit: Node<'t>) -> Option<BTreeSet<Line0>> {
        let own = || self.lines(leaves(unit, |node| node == unit || !is_unit(node)));
        let inner = || {
            let inner =
                leaves(unit, |_| true).into_iter().filter(|leaf| owner(*leaf) != Some(unit)).collect();
            self.lines(inner)
        };
        let role = unit.role();
        if matches!(role, Role::OuterNames | Role::TypeDeclaration) {
            return None;
        }
        let of_a_brace = role == Role::Catch && unit.syntax().language() != Language::Python;
        if of_a_brace || matches!(role, Role::Function | Role::Lambda | Role::Else | Role::Finally) {
            return Some(inner()).filter(|it| !it.is_empty()).or_else(|| Some(own()));
        }
        if matches!(role, Role::Catch | Role::Try | Role::Case) {
            return Some(own().into_iter().chain(inner()).collect());
        }
        Some(own())
    }

    fn lines(&self, leaves: Vec<Node<'_>>) -> BTreeSet<Line0> {
        let span = |leaf: Node<'_>| self.index.line(leaf.start()).0..=self.index.line(leaf.end()).0;
        leaves.into_iter().flat_map(span).map(Line0).collect()
    }
}

/// Whether a node runs, or does not, by itself: a statement, a clause of one, a function.
fn is_unit(node: Node<'_>) -> bool {
    let clause = matches!(
        node.role(),
        Role::ElseIf | Role::Else | Role::Catch | Role::Finally | Role::Case | Role::Function
    );
    clause || node.is_statement() || has_statements(node)
}

/// Whether it is an anonymous function with statements in it.
fn has_statements(node: Node<'_>) -> bool {
    node.role() == Role::Lambda && node.slot(Slot::Body).is_some_and(|body| body.role() == Role::Block)
}

/// The statement, clause or function that a piece of text is the own text of.
fn owner(leaf: Node<'_>) -> Option<Node<'_>> {
    if is_unit(leaf) { Some(leaf) } else { leaf.ancestors().find(|it| is_unit(*it)) }
}

/// The leaves below `top` that hold text and are no comments, in order; `enter` says which nodes are looked into.
fn leaves<'s>(top: Node<'s>, enter: impl Fn(Node<'s>) -> bool) -> Vec<Node<'s>> {
    let mut found = Vec::new();
    let mut todo = vec![top];
    while let Some(node) = todo.pop() {
        if node.range().is_empty() || node.role() == Role::Comment || !enter(node) {
            continue;
        }
        let children = node.children();
        if children.is_empty() {
            found.push(node);
        }
        todo.extend(children.into_iter().rev());
    }
    found
}

fn overlap(one: ByteRange, other: ByteRange) -> bool {
    one.start < other.end && other.start < one.end
}

/// A range without the blanks at its ends.
fn trimmed(text: &str, range: ByteRange) -> ByteRange {
    let inside = range.of(text).unwrap_or_default();
    let start = range.start + (inside.len() - inside.trim_start().len());
    ByteRange::new(start, start + inside.trim().len())
}

fn whole_lines(index: &LineIndex, range: ByteRange) -> ByteRange {
    let line = |offset| index.line_range(index.line(offset)).unwrap_or(range);
    ByteRange::new(line(range.start).start, line(range.end).end)
}
