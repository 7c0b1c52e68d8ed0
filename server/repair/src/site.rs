//! What an operator sees: one node, its statement, and the material that may be used there.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a place speaks of a few kinds of node; a new kind means nothing to it until it says so"
)]

use crate::expression::Expression;
use crate::facts::{Facts, Origin};
use crate::material;
use crate::opposites;
use crate::shape::{self, Shape};
use crate::similarity;
use crate::surface::Family;
use crate::symptom::Signs;
use crate::tree::{Kind, NodeId, Slot, Tree};

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
        unit.names = material::names(&unit);
        unit.values = material::values(&unit);
        unit.conditions = material::conditions(&unit);
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

    /// What makes `name` an unlikely stand-in for the node: other shape, other role, no likeness.
    pub(crate) fn unlikeness(&self, id: NodeId, name: &Visible) -> f32 {
        let wanted = match self.facts.shape(self.tree, id) {
            Shape::UNKNOWN => shape::of_use(self.tree, id),
            known => known,
        };
        let shape =
            if wanted.fits(name.shape) { if wanted.agrees(name.shape) { 0.0 } else { 0.4 } } else { 2.0 };
        let own = self.tree.text(id);
        let opposite = if opposites::are(own, &name.name) { 0.8 } else { 0.0 };
        shape - opposite - 1.5 * similarity::of_names(own, &name.name)
    }
}

impl Origin {
    pub(crate) fn is_variable(self) -> bool {
        matches!(self, Self::Parameter | Self::Variable)
    }
}
