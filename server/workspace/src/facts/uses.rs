//! What code refers to.
//!
//! Texts that may be long (what is called, what a member is taken of) are given as ranges.

use bodkin_text::ByteRange;

use crate::node::Node;
use crate::role::Role;

/// A name that is read or written; where it is bound for the first time is no use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameUse {
    /// The name.
    pub name: Box<str>,
    /// Where.
    pub range: ByteRange,
}

/// A member that is taken of something: `name` of `base.name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberUse {
    /// The member's name.
    pub name: Box<str>,
    /// Where the name stands.
    pub range: ByteRange,
    /// What it is taken of.
    pub base: ByteRange,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallUse {
    /// The called function's or method's own name; `None` where an expression is called.
    pub name: Option<Box<str>>,
    /// What is called.
    pub callee: ByteRange,
    /// How many arguments are written.
    pub arguments: usize,
    /// The whole call.
    pub range: ByteRange,
}

/// A constant written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiteralUse {
    /// Which sort; [`Role::is_literal`].
    pub role: Role,
    /// Where.
    pub range: ByteRange,
}

impl NameUse {
    pub(super) fn of(node: Node<'_>) -> Self {
        Self { name: node.text().into(), range: node.range() }
    }
}

impl MemberUse {
    pub(super) fn of(attribute: Node<'_>) -> Option<Self> {
        let (object, member) = (attribute.object()?, attribute.member()?);
        Some(Self { name: member.text().into(), range: member.range(), base: object.range() })
    }
}

impl CallUse {
    pub(super) fn of(call: Node<'_>) -> Option<Self> {
        let callee = call.callee()?;
        let name = match callee.member() {
            Some(member) => Some(member),
            None => (callee.role() == Role::Identifier).then_some(callee),
        };
        Some(Self {
            name: name.map(|it| it.text().into()),
            callee: callee.range(),
            arguments: call.arguments().len(),
            range: call.range(),
        })
    }
}
