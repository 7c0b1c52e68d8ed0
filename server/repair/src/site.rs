//! What an operator sees: one node, its statement, and the material that may be used there.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a place speaks of a few kinds of node; a new kind means nothing to it until it says so"
)]

use std::collections::HashSet;

use bodkin_text::ByteRange;

use crate::expression::Expression;
use crate::facts::{Facts, Origin};
use crate::shape::{self, Shape};
use crate::similarity;
use crate::surface::{Family, Level};
use crate::symptom::Signs;
use crate::tree::{Kind, NodeId, Slot, Tree};

/// Conditions and values that a statement's operators may use, at most.
const MOST: usize = 70;

/// A name that may be used at a statement.
#[derive(Debug, Clone)]
pub(crate) struct Visible {
    pub(crate) name: String,
    pub(crate) origin: Origin,
    pub(crate) shape: Shape,
    /// Distance and unlikeliness, in nats.
    pub(crate) cost: f32,
    pub(crate) uses: u32,
    pub(crate) arity: Option<(usize, usize)>,
}

/// An expression that may be used at a statement.
#[derive(Debug, Clone)]
pub(crate) struct Material {
    pub(crate) expression: Expression,
    pub(crate) shape: Shape,
    pub(crate) cost: f32,
}

/// One statement (or header) with what may be used there.
#[derive(Debug)]
pub(crate) struct Unit<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) facts: &'a Facts,
    pub(crate) signs: &'a Signs,
    pub(crate) statement: NodeId,
    pub(crate) function: Option<NodeId>,
    /// Cheapest first.
    pub(crate) names: Vec<Visible>,
    /// Cheapest first.
    pub(crate) conditions: Vec<Material>,
    /// Cheapest first; names included.
    pub(crate) values: Vec<Material>,
}

/// One node of a unit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) unit: &'a Unit<'a>,
    pub(crate) tree: &'a Tree,
    pub(crate) node: NodeId,
}

impl Site<'_> {
    pub(crate) fn kind(&self) -> Kind {
        self.tree.kind(self.node)
    }

    pub(crate) fn slot(&self) -> Slot {
        self.tree.slot(self.node)
    }

    pub(crate) fn text(&self) -> &str {
        self.tree.text(self.node)
    }

    pub(crate) fn family(&self) -> Family {
        self.tree.family
    }

    /// Whether the node is the statement itself.
    pub(crate) fn is_statement(&self) -> bool {
        self.node == self.unit.statement && self.kind().is_statement()
    }

    /// The shape that the place of the node asks for: of what stands there, or of what is known of its use.
    pub(crate) fn wanted(&self, id: NodeId) -> Shape {
        match self.unit.facts.shape(self.tree, id) {
            Shape::UNKNOWN => shape::of_use(self.tree, id),
            known => known,
        }
    }

    /// The blanks before the statement, when it stands first on its line.
    pub(crate) fn indent(&self) -> Option<&str> {
        self.tree.indent(self.unit.statement)
    }

    /// Whether it lies in a function.
    pub(crate) fn in_function(&self) -> bool {
        self.unit.function.is_some()
    }

    /// Whether it lies in a loop of its function.
    pub(crate) fn in_loop(&self) -> bool {
        self.tree.loop_of(self.unit.statement).is_some()
    }
}

impl<'a> Unit<'a> {
    /// Gathers the material of a statement.
    pub(crate) fn new(tree: &'a Tree, facts: &'a Facts, signs: &'a Signs, statement: NodeId) -> Self {
        let function = match tree.kind(statement) {
            Kind::Function => Some(statement),
            _ => tree.function_of(statement),
        };
        let mut unit = Self {
            tree,
            facts,
            signs,
            statement,
            function,
            names: Vec::new(),
            conditions: Vec::new(),
            values: Vec::new(),
        };
        unit.names = unit.find_names();
        unit.values = unit.find_values();
        unit.conditions = unit.find_conditions();
        unit
    }

    /// Names of variables, not of functions, classes or modules.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &Visible> {
        self.names.iter().filter(|it| it.origin.is_variable())
    }

    /// Header nodes of the statement: all below it but what stands in its blocks.
    pub(crate) fn header(tree: &Tree, statement: NodeId) -> Vec<NodeId> {
        let mut nodes = vec![statement];
        let mut at = statement.0.saturating_add(1);
        let end = tree.node(statement).end;
        while at < end {
            let id = NodeId(at);
            if tree.kind(id).is_unit() || tree.kind(id) == Kind::Block {
                at = tree.node(id).end.max(at.saturating_add(1));
            } else {
                nodes.push(id);
                at = at.saturating_add(1);
            }
        }
        nodes
    }

    fn find_names(&self) -> Vec<Visible> {
        let offset = self.offset();
        let here = self.tree.range(self.statement);
        let home = self.function.map(|it| self.tree.range(it));
        let text = self.tree.slice(here);
        let in_loop = self.tree.loop_of(self.statement).is_some();
        let mut names: Vec<Visible> = self
            .facts
            .visible(offset)
            .into_iter()
            .filter(|it| !self.tree.family.is_keyword(&it.name))
            .map(|it| {
                let inside = home.is_some_and(|home| home.contains(it.extent));
                let mut cost = match (inside, it.origin) {
                    (true, _) => 0.0,
                    (false, Origin::Import) => 2.0,
                    (false, _) => 1.0,
                };
                if !contains_word(text, &it.name) {
                    cost += 0.3;
                }
                // A parameter that nobody reads is waiting to be used.
                if it.uses == 0 && inside && !it.name.starts_with('_') {
                    cost -= 1.0;
                }
                // What a loop's head binds is not there for what it walks over.
                let bound_here =
                    here.contains(ByteRange::at(it.at)) && self.tree.kind(self.statement) == Kind::For;
                if bound_here && !in_loop {
                    cost += 3.0;
                }
                let bound_later = it.at >= here.end && it.origin == Origin::Variable;
                if bound_later && !in_loop && inside {
                    cost += 3.0;
                }
                if self.signs.speak_of(&it.name) {
                    cost -= 2.0;
                }
                Visible {
                    name: it.name.clone(),
                    origin: it.origin,
                    shape: it.shape,
                    cost,
                    uses: it.uses,
                    arity: it.arity,
                }
            })
            .collect();
        names.sort_by(|a, b| a.cost.total_cmp(&b.cost).then_with(|| a.name.cmp(&b.name)));
        let cheapest = names.first().map_or(0.0, |it| it.cost);
        for name in &mut names {
            name.cost -= cheapest;
        }
        names.truncate(MOST);
        names
    }

    /// Where names are looked up: inside the function for its own header.
    fn offset(&self) -> usize {
        let range = self.tree.range(self.statement);
        match self.tree.child(self.statement, Slot::Body) {
            Some(body)
                if matches!(
                    self.tree.kind(self.statement),
                    Kind::Function | Kind::For | Kind::CountedFor
                ) =>
            {
                self.tree.range(body).start
            }
            _ => range.start,
        }
    }

    fn find_values(&self) -> Vec<Material> {
        let mut values: Vec<Material> = self
            .variables()
            .map(|it| Material {
                expression: Expression::atom(it.name.clone()),
                shape: it.shape,
                cost: it.cost,
            })
            .collect();
        let mut seen: HashSet<&str> = HashSet::new();
        for &id in &self.facts.values {
            let (range, text) = (self.tree.range(id), self.tree.text(id));
            if range.len() > 60
                || text.contains('\n')
                || !self.tree.is_replaceable(id)
                || !self.reads_only_visible(id)
            {
                continue;
            }
            if seen.insert(text) {
                let cost = 0.7 + self.distance(range) + range.len() as f32 * 0.02;
                values.push(Material {
                    expression: self.tree.expression(id),
                    shape: self.facts.shape(self.tree, id),
                    cost,
                });
            }
        }
        cheapest_first(values)
    }

    fn find_conditions(&self) -> Vec<Material> {
        let mut found = Vec::new();
        for &id in &self.facts.conditions {
            let range = self.tree.range(id);
            if range.len() <= 80 && !self.tree.text(id).contains('\n') && self.reads_only_visible(id) {
                let cost = 0.3 + self.distance(range) + range.len() as f32 * 0.01;
                found.push(Material { expression: self.tree.expression(id), shape: Shape::TRUTH, cost });
            }
        }
        self.make_conditions(&mut found);
        cheapest_first(found)
    }

    /// Conditions that stand nowhere in the file: about one value, or about two names.
    fn make_conditions(&self, found: &mut Vec<Material>) {
        let family = self.tree.family;
        let mut push = |text: String, level: Level, cost: f32| {
            found.push(Material { expression: Expression::new(text, level), shape: Shape::TRUTH, cost });
        };
        for value in self.values.iter().filter(|it| it.expression.level >= Level::PRIMARY).take(14) {
            let (text, shape, cost) = (&value.expression.text, value.shape, 1.0 + value.cost);
            let flat = |it: f32| if shape.is_unknown() { it + 0.7 } else { it };
            push(
                format!("{}{text}", family.not()),
                family.not_level(),
                cost + if shape == Shape::NUMBER { 0.7 } else { 0.0 },
            );
            push(text.clone(), Level::PRIMARY, cost + 0.7);
            if shape.is_unknown() || shape.agrees(Shape::OBJECT) || shape.agrees(Shape::NOTHING) {
                push(family.is_null(text), Level::COMPARISON, cost + 0.2);
                push(family.is_not_null(text), Level::COMPARISON, cost + 0.9);
            }
            if Shape::NUMBER.fits(shape) {
                push(format!("{text} {} 0", family.equals()), Level::COMPARISON, flat(cost));
                push(format!("{text} < 0"), Level::COMPARISON, flat(cost + 0.5));
                push(format!("{text} <= 0"), Level::COMPARISON, flat(cost + 0.5));
                push(format!("{text} {} 1", family.equals()), Level::COMPARISON, flat(cost + 1.0));
                push(format!("{text} <= 1"), Level::COMPARISON, flat(cost + 1.2));
                push(format!("{text} > 0"), Level::COMPARISON, flat(cost + 1.2));
            }
            if shape.agrees(Shape::LIST) || shape.agrees(Shape::TEXT) {
                push(format!("{} {} 0", family.length(text), family.equals()), Level::COMPARISON, cost + 0.5);
                push(format!("{} {} 1", family.length(text), family.equals()), Level::COMPARISON, cost + 1.5);
            }
        }
        self.make_pairs(found);
    }

    fn make_pairs(&self, found: &mut Vec<Material>) {
        let family = self.tree.family;
        let mut push = |text: String, cost: f32| {
            found.push(Material {
                expression: Expression::new(text, Level::COMPARISON),
                shape: Shape::TRUTH,
                cost,
            });
        };
        let names: Vec<&Visible> = self.variables().take(7).collect();
        for (at, one) in names.iter().enumerate() {
            for other in names.iter().skip(at + 1) {
                let (a, b, cost) = (&one.name, &other.name, 2.0 + one.cost + other.cost);
                if one.shape.fits(other.shape) {
                    push(format!("{a} {} {b}", family.equals()), cost);
                    push(format!("{a} {} {b}", family.differs()), cost + 0.7);
                }
                if one.shape.fits(Shape::NUMBER) && other.shape.fits(Shape::NUMBER) {
                    for operator in ["<", "<=", ">", ">="] {
                        push(format!("{a} {operator} {b}"), cost + 0.3);
                    }
                }
                for (item, many) in [(one, other), (other, one)] {
                    if many.shape.agrees(Shape::MANY) && !item.shape.agrees(Shape::LIST) {
                        match family {
                            Family::Python => {
                                push(format!("{} in {}", item.name, many.name), cost + 0.3);
                                push(format!("{} not in {}", item.name, many.name), cost + 0.3);
                            }
                            Family::JavaScript { .. } => {
                                push(format!("{}.includes({})", many.name, item.name), cost + 0.5);
                            }
                        }
                    }
                }
            }
        }
    }

    /// Distance of an ingredient: same line, function, file.
    fn distance(&self, range: ByteRange) -> f32 {
        let here = self.tree.range(self.statement);
        if here.contains(range) {
            return 0.0;
        }
        match self.function.map(|it| self.tree.range(it)) {
            Some(home) if home.contains(range) => 0.3,
            _ => 1.5,
        }
    }

    /// Whether every name in the expression may be used at the statement and means the same there.
    fn reads_only_visible(&self, id: NodeId) -> bool {
        let offset = self.offset();
        self.tree.within(id).filter(|&it| self.tree.kind(it) == Kind::Name).all(|it| {
            let name = self.tree.text(it);
            let there = self.facts.resolve(name, self.tree.range(it).start);
            match (there, self.facts.resolve(name, offset)) {
                (Some(there), Some(here)) => {
                    there.extent == here.extent || there.name == here.name && !self.is_local(there.extent)
                }
                (None, None) => true,
                _ => false,
            }
        })
    }

    /// Whether an extent is narrower than a function: of a comprehension, a block.
    fn is_local(&self, extent: ByteRange) -> bool {
        self.function
            .map(|it| self.tree.range(it))
            .is_some_and(|home| home.contains(extent) && home != extent)
    }

    /// What makes `name` an unlikely stand-in for the node: other shape, other role, no likeness.
    pub(crate) fn unlikeness(&self, id: NodeId, name: &Visible) -> f32 {
        let wanted = match self.facts.shape(self.tree, id) {
            Shape::UNKNOWN => shape::of_use(self.tree, id),
            known => known,
        };
        let shape =
            if wanted.fits(name.shape) { if wanted.agrees(name.shape) { 0.0 } else { 0.4 } } else { 2.0 };
        shape - 1.5 * similarity::of_names(self.tree.text(id), &name.name)
    }
}

impl Origin {
    pub(crate) fn is_variable(self) -> bool {
        matches!(self, Self::Parameter | Self::Variable)
    }
}

fn cheapest_first(mut all: Vec<Material>) -> Vec<Material> {
    all.sort_by(|a, b| a.cost.total_cmp(&b.cost).then_with(|| a.expression.text.cmp(&b.expression.text)));
    let mut seen = HashSet::new();
    all.retain(|it| seen.insert(it.expression.text.clone()));
    all.truncate(MOST);
    all
}

fn contains_word(text: &str, word: &str) -> bool {
    let edge = |it: Option<char>| it.is_none_or(|it| !it.is_alphanumeric() && it != '_' && it != '$');
    text.match_indices(word).any(|(at, _)| {
        edge(text.get(..at).and_then(|it| it.chars().next_back()))
            && edge(text.get(at + word.len()..).and_then(|it| it.chars().next()))
    })
}
