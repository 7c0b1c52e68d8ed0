//! Texts of expressions with their binding strength, and where brackets are needed.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a place speaks of a few kinds of node; a new kind means nothing to it until it says so"
)]

use crate::surface::Level;
use crate::tree::{Kind, NodeId, Slot, Tree};

/// The text of an expression and how strongly it binds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expression {
    pub(crate) text: String,
    pub(crate) level: Level,
}

impl Expression {
    /// A name, a literal, something in brackets.
    pub(crate) fn atom(text: impl Into<String>) -> Self {
        Self { text: text.into(), level: Level::ATOM }
    }

    /// A call, an attribute, an element.
    pub(crate) fn primary(text: impl Into<String>) -> Self {
        Self { text: text.into(), level: Level::PRIMARY }
    }

    pub(crate) fn new(text: impl Into<String>, level: Level) -> Self {
        Self { text: text.into(), level }
    }

    /// The text, in brackets where it binds less than `needed`.
    pub(crate) fn at_least(&self, needed: Level) -> String {
        if self.level >= needed { self.text.clone() } else { format!("({})", self.text) }
    }
}

impl Tree {
    /// The node as an expression.
    pub(crate) fn expression(&self, id: NodeId) -> Expression {
        Expression { text: self.text(id).to_owned(), level: self.level(id) }
    }

    /// The node's text, in brackets where it binds less than `needed`.
    pub(crate) fn at_least(&self, id: NodeId, needed: Level) -> String {
        self.expression(id).at_least(needed)
    }

    /// `left operator right` with the brackets that it needs.
    pub(crate) fn binary(&self, left: &Expression, operator: &str, right: &Expression) -> Expression {
        let level = self.family.level_of_operator(operator);
        let (on_left, on_right) = match operator {
            "**" => (level.tighter(), level),
            _ if level <= Level::AND => (level, level),
            _ if level == Level::COMPARISON => (level.tighter(), level.tighter()),
            _ => (level, level.tighter()),
        };
        Expression {
            text: format!("{} {operator} {}", left.at_least(on_left), right.at_least(on_right)),
            level,
        }
    }

    /// The negation, without a double one.
    pub(crate) fn negation(&self, id: NodeId) -> Expression {
        if self.kind(id) == Kind::Not
            && let Some(inner) = self.child(id, Slot::Operand)
        {
            return self.expression(inner);
        }
        let level = self.family.not_level();
        Expression { text: format!("{}{}", self.family.not(), self.at_least(id, level)), level }
    }

    /// How strongly the node binds.
    pub(crate) fn level(&self, id: NodeId) -> Level {
        match self.kind(id) {
            Kind::Lambda | Kind::Yield | Kind::Assignment | Kind::AugmentedAssignment => Level::LOOSE,
            Kind::Tuple if !self.text(id).starts_with('(') => Level::LOOSE,
            Kind::Ternary => Level::TERNARY,
            Kind::Boolean | Kind::Arithmetic | Kind::Comparison => {
                self.operator(id, 0).map_or(Level::LOOSE, |(_, token)| self.family.level_of_operator(token))
            }
            Kind::Not => self.family.not_level(),
            Kind::Negate | Kind::Await | Kind::Update => Level::UNARY,
            Kind::Call | Kind::Attribute | Kind::Subscript => Level::PRIMARY,
            Kind::OtherExpression => Level::LOOSE,
            _ => Level::ATOM,
        }
    }

    /// How strongly an expression must bind to stand in place of the node.
    pub(crate) fn needed(&self, id: NodeId) -> Level {
        let Some(parent) = self.parent(id) else { return Level::LOOSE };
        let own = || self.level(parent);
        match (self.kind(parent), self.slot(id)) {
            (Kind::Arithmetic, Slot::Left) if own() == Level::POWER => own().tighter(),
            (Kind::Arithmetic | Kind::Boolean, Slot::Left) => own(),
            (Kind::Arithmetic, Slot::Right) if own() == Level::POWER => Level::UNARY,
            (Kind::Arithmetic, Slot::Right) => own().tighter(),
            (Kind::Boolean, Slot::Right) => own(),
            (Kind::Comparison, _) => Level::COMPARISON.tighter(),
            (Kind::Not, _) => self.family.not_level(),
            (Kind::Negate | Kind::Update | Kind::Await, _) => Level::UNARY,
            (Kind::Call, Slot::Callee) | (Kind::Attribute | Kind::Subscript, Slot::Object) => Level::PRIMARY,
            (Kind::Ternary, _) => Level::OR,
            (Kind::Arguments | Kind::List | Kind::Dict | Kind::Set | Kind::Pair, _) => Level::TERNARY,
            (Kind::Splat | Kind::OtherExpression, _) => Level::PRIMARY,
            (Kind::Comprehension | Kind::ComprehensionFor | Kind::ComprehensionIf, _) => Level::OR,
            (Kind::Tuple | Kind::Keyword | Kind::Lambda | Kind::Parameter, _) => Level::TERNARY,
            _ => Level::LOOSE,
        }
    }

    /// The arguments of a call, keyword arguments and splats included.
    pub(crate) fn arguments(&self, call: NodeId) -> Vec<NodeId> {
        match self.child(call, Slot::Arguments) {
            Some(list) if self.kind(list) == Kind::Arguments => self.children(list).to_vec(),
            Some(only) => vec![only],
            None => Vec::new(),
        }
    }

    /// The last name of what is called: `f` of `f(x)`, `pop` of `a.pop()`.
    pub(crate) fn callee_name(&self, call: NodeId) -> &str {
        let Some(callee) = self.child(call, Slot::Callee) else { return "" };
        match self.child(callee, Slot::Property) {
            Some(property) if self.kind(callee) == Kind::Attribute => self.text(property),
            _ => self.text(callee),
        }
    }

    /// Whether the node is an expression in a place where another expression may stand.
    pub(crate) fn is_replaceable(&self, id: NodeId) -> bool {
        self.kind(id).is_expression()
            && !self.node(id).broken
            && !matches!(
                self.slot(id),
                Slot::Target | Slot::Declared | Slot::Property | Slot::Statement | Slot::Step
            )
            && !self.is_under_target(id)
            && self
                .parent(id)
                .is_none_or(|it| !matches!(self.kind(it), Kind::Import | Kind::ExpressionStatement))
    }

    /// Whether assigning to it would assign through it: `a` in `a[i] = x`, which may be replaced by names only.
    pub(crate) fn is_under_target(&self, id: NodeId) -> bool {
        let mut at = id;
        while let Some(parent) = self.parent(at) {
            if self.slot(at) == Slot::Object && self.slot(parent) == Slot::Target {
                return true;
            }
            if self.slot(at) != Slot::Object {
                return false;
            }
            at = parent;
        }
        false
    }

    /// Leading blanks of the node's line, when nothing else stands before it there.
    pub(crate) fn indent(&self, id: NodeId) -> Option<&str> {
        let start = self.range(id).start;
        let before = self.text.get(..start)?;
        let line = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let blanks = before.get(line..)?;
        blanks.bytes().all(|it| it == b' ' || it == b'\t').then_some(blanks)
    }
}
