//! From lines to statements: which are visited, in which order, and how unlikely each is to hold the fault.

use bodkin_text::{Line0, RelPath};

use crate::candidate::{Certainty, NoSearch, Place};
use crate::site::Unit;
use crate::source::Source;
use crate::symptom::Symptom;
use crate::tree::{Kind, NodeId, Tree};

/// A statement to visit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Visit {
    pub(crate) file: usize,
    pub(crate) statement: NodeId,
    /// Nats that the place adds to each of its candidates.
    pub(crate) cost: f32,
}

/// Nats between a selected statement and its neighbours: the user knows better.
const BESIDE_SELECTED: f32 = 5.0;
/// The same where the place was only worked out.
const BESIDE_SUSPECTED: f32 = 2.0;
/// Nats for each line between.
const PER_LINE: f32 = 0.25;
/// Statements visited in one search at most.
const MOST: usize = 400;
/// Lines around a place without code that are looked at.
const NEAR: u32 = 3;

/// Every statement worth a visit, cheapest first.
pub(crate) fn visits(
    sources: &[Source],
    places: &[Place],
    symptoms: &[Symptom],
) -> Result<Vec<Visit>, NoSearch> {
    let mut visits: Vec<Visit> = Vec::new();
    let mut problem = None;
    for (rank, place) in places.iter().enumerate() {
        let Some(file) = sources.iter().position(|it| it.path == place.file) else { continue };
        let Some(source) = sources.get(file) else { continue };
        if let Err(error) = visit_place(source, file, place, rank, &mut visits) {
            problem.get_or_insert(error);
        }
    }
    for visit in &mut visits {
        if let Some(source) = sources.get(visit.file)
            && is_in_trace(source, visit.statement, symptoms)
        {
            visit.cost -= 0.7;
        }
    }
    visits.sort_by(|a, b| {
        a.cost.total_cmp(&b.cost).then_with(|| (a.file, a.statement).cmp(&(b.file, b.statement)))
    });
    visits.truncate(MOST);
    match (visits.is_empty(), problem) {
        (false, _) => Ok(visits),
        (true, problem) => Err(problem.unwrap_or(NoSearch::NoPlace)),
    }
}

fn visit_place(
    source: &Source,
    file: usize,
    place: &Place,
    rank: usize,
    visits: &mut Vec<Visit>,
) -> Result<(), NoSearch> {
    if !source.has_line(place.lines.0) {
        return Err(NoSearch::NoCode(place.file.clone(), place.lines.0));
    }
    let tree = &source.tree;
    let direct = statements_at(tree, place.lines.0, place.lines.1);
    if direct.is_empty() {
        return Err(NoSearch::NoCode(place.file.clone(), place.lines.0));
    }
    let sound: Vec<NodeId> = direct.iter().copied().filter(|&it| !is_broken(tree, it)).collect();
    if sound.is_empty() {
        return Err(NoSearch::DoesNotParse(place.file.clone(), place.lines.0));
    }
    let (by_rank, beside) = match place.certainty {
        Certainty::Selected => (0.0, BESIDE_SELECTED),
        Certainty::Suspected => ((rank as f32 * 0.3).min(3.0), BESIDE_SUSPECTED),
    };
    let share = (sound.len() as f32).ln();
    let mut add = |statement: NodeId, cost: f32| match visits
        .iter_mut()
        .find(|it| it.file == file && it.statement == statement)
    {
        Some(known) => known.cost = known.cost.min(cost),
        None => visits.push(Visit { file, statement, cost }),
    };
    for &statement in &sound {
        add(statement, by_rank + share);
    }
    for (statement, distance) in neighbours(tree, &sound) {
        add(statement, by_rank + beside + distance as f32 * PER_LINE);
    }
    Ok(())
}

/// Lines of a statement's own part: without what stands in its blocks.
fn header_lines(tree: &Tree, statement: NodeId) -> (u32, u32) {
    let node = tree.node(statement);
    let has_block =
        tree.children(statement).iter().any(|&it| tree.kind(it) == Kind::Block || tree.kind(it).is_unit());
    if !has_block {
        return (node.line, node.last_line);
    }
    let header = Unit::header(tree, statement);
    let last = header.iter().skip(1).map(|&it| tree.node(it).last_line).max();
    (node.line, last.unwrap_or(node.line).max(node.line))
}

/// Statements whose own lines meet the given ones; where there is none, those around.
fn statements_at(tree: &Tree, first: Line0, last: Line0) -> Vec<NodeId> {
    let units = || tree.all().filter(|&it| tree.kind(it).is_unit());
    let meets = |lines: (u32, u32)| lines.0 <= last.0 && first.0 <= lines.1;
    let mut found: Vec<NodeId> = units().filter(|&it| meets(header_lines(tree, it))).collect();
    // `else:` says nothing itself; what it belongs to and what it holds does.
    for id in found.clone() {
        if matches!(tree.kind(id), Kind::Else | Kind::Clause) {
            found.extend(tree.parent(id).filter(|&it| tree.kind(it).is_unit()));
            found.extend(tree.within(id).skip(1).find(|&it| tree.kind(it).is_unit()));
        }
    }
    found.retain(|&it| !matches!(tree.kind(it), Kind::Else));
    if found.is_empty() {
        let before =
            units().filter(|&it| tree.node(it).line < first.0).max_by_key(|&it| (tree.node(it).line, it));
        let after = units().find(|&it| tree.node(it).line > last.0);
        found.extend(before.filter(|&it| first.0 - tree.node(it).last_line.min(first.0) <= NEAR));
        found.extend(after.filter(|&it| tree.node(it).line - last.0 <= NEAR));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether its own part holds a syntax error.
fn is_broken(tree: &Tree, statement: NodeId) -> bool {
    let own = Unit::header(tree, statement);
    let has_block =
        tree.children(statement).iter().any(|&it| tree.kind(it) == Kind::Block || tree.kind(it).is_unit());
    own.iter().skip(1).any(|&it| tree.node(it).broken)
        || tree.node(statement).broken && !has_block
        || tree.kind(statement) == Kind::Opaque
}

/// The other statements of the same functions, with their distance in lines.
fn neighbours(tree: &Tree, sound: &[NodeId]) -> Vec<(NodeId, u32)> {
    let mut found = Vec::new();
    for &statement in sound {
        let own = (tree.kind(statement) == Kind::Function).then_some(statement);
        let home = own.or_else(|| tree.function_of(statement)).unwrap_or(Tree::ROOT);
        let line = tree.node(statement).line;
        for id in tree.within(home).filter(|&it| tree.kind(it).is_unit() && !is_broken(tree, it)) {
            let own_home = tree.function_of(id).unwrap_or(Tree::ROOT);
            let distance = tree.node(id).line.abs_diff(line);
            if own_home == home && (home != Tree::ROOT || distance <= 20) {
                found.push((id, distance));
            }
        }
    }
    found
}

fn is_in_trace(source: &Source, statement: NodeId, symptoms: &[Symptom]) -> bool {
    let (first, last) = header_lines(&source.tree, statement);
    symptoms.iter().any(|symptom| {
        let inner = symptom.frames.iter().rev().find(|(path, _)| *path == source.path);
        inner.is_some_and(|(_, line)| (first..=last).contains(&Line0::from(*line).0))
    })
}

/// Where failures point, for when nobody gave a place: the deepest frame of each that is not in a test.
pub(crate) fn from_symptoms(symptoms: &[Symptom]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for symptom in symptoms {
        let deepest = symptom.frames.iter().rev().find(|(path, _)| !is_test(path));
        if let Some((file, line)) = deepest {
            let line = Line0::from(*line);
            let place = Place { file: file.clone(), lines: (line, line), certainty: Certainty::Suspected };
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    places
}

fn is_test(path: &RelPath) -> bool {
    let name = path.file_name();
    name.starts_with("test_")
        || path.stem().ends_with("_test")
        || name.contains(".test.")
        || name.contains(".spec.")
        || name == "conftest.py"
}
