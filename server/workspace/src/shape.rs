//! The parts of expressions and statements, alike in every language.

use crate::node::Node;
use crate::role::{Role, Slot};

impl<'s> Node<'s> {
    /// The operands of an operation, a comparison's chain included, from left to right; the one of a unary operation.
    pub fn operands(self) -> Vec<Self> {
        match self.slot(Slot::Operand) {
            Some(only) => vec![only],
            None if self.role() == Role::Comparison => self.parts(),
            None => self.left().into_iter().chain(self.right()).collect(),
        }
    }

    /// The operators' tokens of an operation, from left to right: `<`, `not in`, `+=`, `++`.
    pub fn operators(self) -> Vec<Self> {
        if self.role() == Role::Comparison {
            return self.children().into_iter().filter(|it| it.role() == Role::Token).collect();
        }
        self.operator().into_iter().collect()
    }

    /// The operator's token; the first of a chain.
    pub fn operator(self) -> Option<Self> {
        self.slot(Slot::Operator)
    }

    /// The left operand.
    pub fn left(self) -> Option<Self> {
        self.slot(Slot::Left)
    }

    /// The right operand; of a chain, the second.
    pub fn right(self) -> Option<Self> {
        self.slot(Slot::Right)
    }

    /// What a call calls.
    pub fn callee(self) -> Option<Self> {
        self.slot(Slot::Callee)
    }

    /// The arguments of a call, named and spread ones included.
    pub fn arguments(self) -> Vec<Self> {
        match self.slot(Slot::Arguments) {
            Some(list) if list.role() == Role::Arguments => list.parts(),
            Some(only) if only.role() == Role::Comprehension => vec![only],
            Some(_) | None => Vec::new(),
        }
    }

    /// What decides: of `if`, loops, conditional expressions, `assert` and guards; without its parentheses where the
    /// statement asks for them.
    pub fn condition(self) -> Option<Self> {
        let found = self.slot(Slot::Condition).filter(|it| it.is_named() && !it.is_statement())?;
        if found.role() == Role::Guard { found.slot(Slot::Condition) } else { Some(found) }
    }

    /// The block of a function, loop, class, branch; the expression of a lambda or comprehension.
    pub fn body(self) -> Option<Self> {
        self.slot(Slot::Body)
    }

    /// The `else` or `else if` that follows the first branch; the last operand of a conditional expression.
    pub fn alternative(self) -> Option<Self> {
        self.slot(Slot::Else)
    }

    /// What is assigned to, or bound by a loop.
    pub fn target(self) -> Option<Self> {
        self.slot(Slot::Target)
    }

    /// What is assigned, returned, raised, awaited; a default, the value of a pair or a named argument.
    pub fn value(self) -> Option<Self> {
        self.slot(Slot::Value)
    }

    /// What a loop goes over.
    pub fn iterable(self) -> Option<Self> {
        self.slot(Slot::Iterable)
    }

    /// What a member or an element is taken of.
    pub fn object(self) -> Option<Self> {
        self.slot(Slot::Object)
    }

    /// The member's name.
    pub fn member(self) -> Option<Self> {
        self.slot(Slot::Member)
    }

    /// The indices of a subscript; a slice is one of them.
    pub fn indices(self) -> Vec<Self> {
        let object = self.object();
        let is_index = |it: &Self| Some(*it) != object && it.role() != Role::Error;
        if self.role() == Role::Subscript {
            self.parts().into_iter().filter(is_index).collect()
        } else {
            Vec::new()
        }
    }

    /// The bounds and the step of a slice, each where it is given.
    pub fn slice_parts(self) -> [Option<Self>; 3] {
        let mut parts = [None; 3];
        let mut place = 0;
        for child in self.children() {
            if child.text() == ":" {
                place += 1;
            } else if let Some(part) = parts.get_mut(place).filter(|_| child.is_part()) {
                *part = Some(child);
            }
        }
        parts
    }

    /// The elements of a list, tuple, set, sequence; the pairs of a dict; the statements of a block.
    pub fn elements(self) -> Vec<Self> {
        self.parts()
    }

    /// The name that is defined.
    pub fn name(self) -> Option<Self> {
        self.slot(Slot::Name)
    }

    /// The parameters of a function or lambda.
    pub fn parameters(self) -> Vec<Self> {
        match self.slot(Slot::Parameters) {
            Some(list) if list.role() == Role::Parameters => {
                list.parts().into_iter().filter(|it| it.role() != Role::Token).collect()
            }
            Some(only) => vec![only],
            None => Vec::new(),
        }
    }

    /// Whether it is the name of a variable, read or bound: no member after a dot, no name of an argument.
    pub fn is_variable(self) -> bool {
        let Some(parent) = self.parent().filter(|_| self.role() == Role::Identifier) else { return false };
        let label = if parent.role() == Role::KeywordArgument { parent.name() } else { parent.member() };
        label != Some(self)
    }

    /// The names that an assignment to this node binds: `a`, `b` of `(a, *b)`; none of `a.b` or `a[0]`.
    /// Defaults and types are left out.
    pub fn bound_names(self) -> Vec<Self> {
        let mut names = Vec::new();
        let mut walk = self.walk();
        while let Some(node) = walk.next() {
            let field = if walk.depth() > 0 { walk.field() } else { None };
            let is_default = matches!(field, Some("value" | "right"))
                && node.parent().is_some_and(|it| it.role() == Role::Parameter);
            let role = node.role();
            if role == Role::Identifier && !is_default {
                names.push(node);
            }
            let other = matches!(role, Role::Attribute | Role::Subscript | Role::Type | Role::Decorator);
            if other || is_default || field == Some("key") {
                walk.skip_below();
            }
        }
        names
    }
}
