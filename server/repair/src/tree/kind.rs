//! What a node is, and which part of its parent.

/// What a node is, the same word in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    // Expressions.
    Name,
    /// `object.property`
    Attribute,
    /// The name after the dot.
    Property,
    /// `f(x)`, `new F(x)`
    Call,
    Arguments,
    /// `name=value` among arguments.
    Keyword,
    Subscript,
    Slice,
    Arithmetic,
    Comparison,
    Boolean,
    Not,
    Negate,
    /// `i++`
    Update,
    Integer,
    Float,
    Text,
    Bool,
    Null,
    List,
    Tuple,
    Dict,
    Set,
    Pair,
    Comprehension,
    /// `for x in xs` inside a comprehension.
    ComprehensionFor,
    /// `if c` inside a comprehension.
    ComprehensionIf,
    Ternary,
    Lambda,
    Await,
    Yield,
    Splat,
    Parenthesised,
    /// An expression that no operator looks into by kind.
    OtherExpression,
    // Inside statements.
    Assignment,
    AugmentedAssignment,
    Parameters,
    Parameter,
    /// A pattern that binds several names.
    Pattern,
    // Blocks.
    Module,
    Block,
    // Statements.
    Function,
    Class,
    ExpressionStatement,
    /// `let x = 1`
    Declaration,
    Return,
    Raise,
    If,
    While,
    /// `do … while (c)`
    DoWhile,
    /// `for x in xs`
    For,
    /// `for (a; b; c)`
    CountedFor,
    Break,
    Continue,
    Pass,
    Try,
    With,
    Import,
    OtherStatement,
    // Headers inside a statement.
    ElseIf,
    Else,
    /// `except`, `finally`, `case`
    Clause,
    /// Beyond a bound, a type, an error: not looked into.
    Opaque,
}

impl Kind {
    /// Whether it stands for a value and may be replaced by another value.
    pub(crate) fn is_expression(self) -> bool {
        use Kind::*;
        match self {
            Name | Attribute | Call | Subscript | Arithmetic | Comparison | Boolean | Not | Negate
            | Integer | Float | Text | Bool | Null | List | Tuple | Dict | Set | Comprehension | Ternary
            | Await | Parenthesised | Lambda | Yield | OtherExpression | Update => true,
            Property | Arguments | Keyword | Slice | Pair | ComprehensionFor | ComprehensionIf | Splat
            | Assignment | AugmentedAssignment | Parameters | Parameter | Pattern | Module | Block
            | Function | Class | ExpressionStatement | Declaration | Return | Raise | If | While
            | DoWhile | For | CountedFor | Break | Continue | Pass | Try | With | Import | OtherStatement
            | ElseIf | Else | Clause | Opaque => false,
        }
    }

    /// Whether it is a statement that may stand in a block.
    pub(crate) fn is_statement(self) -> bool {
        use Kind::*;
        matches!(
            self,
            Function
                | Class
                | ExpressionStatement
                | Declaration
                | Return
                | Raise
                | If
                | While
                | DoWhile
                | For
                | CountedFor
                | Break
                | Continue
                | Pass
                | Try
                | With
                | Import
                | OtherStatement
        )
    }

    /// Whether the search visits it as one place: a statement, or a header inside one.
    pub(crate) fn is_unit(self) -> bool {
        self.is_statement() || matches!(self, Self::ElseIf | Self::Else | Self::Clause)
    }

    pub(crate) fn is_loop(self) -> bool {
        matches!(self, Self::While | Self::DoWhile | Self::For | Self::CountedFor)
    }

    /// Whether it has a truth value by its form.
    pub(crate) fn is_condition(self) -> bool {
        matches!(self, Self::Comparison | Self::Boolean | Self::Not)
    }
}

/// Which part of its parent a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Slot {
    Other,
    Left,
    Right,
    Operand,
    Callee,
    Arguments,
    Argument,
    Object,
    Property,
    Index,
    Condition,
    /// The block of an `if`.
    Then,
    Else,
    Body,
    /// What an assignment, a loop or a pattern binds.
    Target,
    Value,
    Iterable,
    /// The declared name of a function, a class or a parameter.
    Declared,
    Default,
    Element,
    Key,
    /// The step of a counted loop.
    Step,
    Statement,
}
