//! What a piece of code is, in words that hold for every language.
//!
//! A language file maps the kinds of its grammar to these; whoever works on code asks for roles and slots only.

/// What a node is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The whole file.
    Module,
    /// A function or method with a name, or an anonymous one with a block for a body.
    Function,
    /// `lambda x: …`, `(x) => …`.
    Lambda,
    /// A class.
    Class,
    /// A definition together with its decorators.
    Decorated,
    /// One decorator.
    Decorator,
    /// The parenthesised parameters of a function.
    Parameters,
    /// A parameter that is more than a name: with a default, a type, a star.
    Parameter,

    /// Statements in braces or at one indentation.
    Block,
    /// An expression that stands as a statement.
    ExpressionStatement,
    /// `let a = 1, b`: one or more [`Role::Assignment`]s that declare.
    Declaration,
    /// `if`.
    If,
    /// `elif`, and the `if` of an `else if`.
    ElseIf,
    /// `else` of an `if`, a loop or a `try`.
    Else,
    /// `while`.
    While,
    /// `do … while`.
    DoWhile,
    /// `for (init; condition; step)`.
    For,
    /// `for x in xs`, `for (const x of xs)`.
    ForEach,
    /// `return`.
    Return,
    /// `raise`, `throw`.
    Raise,
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// A statement that does nothing: `pass`, `;`.
    Pass,
    /// `assert`.
    Assert,
    /// `try`.
    Try,
    /// `except`, `catch`.
    Catch,
    /// `finally`.
    Finally,
    /// `with`.
    With,
    /// `del`.
    Delete,
    /// `global`, `nonlocal`.
    OuterNames,
    /// `import`, `from … import`.
    Import,
    /// `export`.
    Export,
    /// `match`, `switch`.
    Switch,
    /// One case of a [`Role::Switch`].
    Case,
    /// `type`, `interface`, `enum` and other statements that only speak of types.
    TypeDeclaration,
    /// A statement of another sort.
    OtherStatement,

    /// `a = b`, also where it declares (`const a = b`) or is an expression (`a := b`).
    Assignment,
    /// `a += b`.
    AugmentedAssignment,
    /// `a++`, `--a`.
    Update,
    /// `f(x)`.
    Call,
    /// `new F(x)`.
    New,
    /// The parenthesised arguments of a call.
    Arguments,
    /// `key=value` in a call.
    KeywordArgument,
    /// `*xs`, `**kw`, `...xs`.
    Spread,
    /// An arithmetic or bitwise operation of two operands, and `??`.
    BinaryOp,
    /// `a < b`, `a in b`, `a is b`; a chain where the language has chains.
    Comparison,
    /// `a and b`, `a || b`.
    BooleanOp,
    /// `not a`, `!a`.
    Not,
    /// `-a`.
    UnaryMinus,
    /// Another operation of one operand: `+a`, `~a`, `typeof a`.
    UnaryOp,
    /// `a if c else b`, `c ? a : b`.
    Conditional,
    /// `a[i]`.
    Subscript,
    /// `i:j:k` in a subscript.
    Slice,
    /// `a.b`.
    Attribute,
    /// A name. Some grammars do not tell a variable from a member or an argument's name: see
    /// [`crate::Node::is_variable`].
    Identifier,
    /// A name that is no variable: after a dot, before a colon in an object.
    MemberName,
    /// `this`, `super`.
    This,
    /// `await a`.
    Await,
    /// `yield a`, `yield from a`.
    Yield,
    /// `(a)`.
    Parenthesized,
    /// `[f(x) for x in xs]` and its kin.
    Comprehension,
    /// `for x in xs` of a comprehension.
    ComprehensionFor,
    /// `if c` of a comprehension or of a case.
    Guard,
    /// `1, 2` without parentheses, `a, b` in JavaScript's comma expression.
    Sequence,

    /// A whole number.
    IntegerLiteral,
    /// A number with a fraction or an exponent.
    FloatLiteral,
    /// A text without parts that are computed.
    StringLiteral,
    /// A text with parts that are computed.
    Template,
    /// `True`, `false`.
    BooleanLiteral,
    /// `None`, `null`, `undefined`.
    NullLiteral,
    /// A regular expression.
    Regex,
    /// `[a, b]`.
    List,
    /// `(a, b)`.
    Tuple,
    /// `{a, b}`.
    Set,
    /// `{k: v}`.
    Dict,
    /// `k: v`.
    Pair,

    /// A pattern on the left of an assignment: `a, *b`, `{a, b: c}`.
    Pattern,
    /// A name in the pattern of a case: binds it, unless it has a dot or names a class.
    CaseName,
    /// A variable in the body of a class, where that is no assignment.
    Field,
    /// An annotation of a type.
    Type,
    /// A comment.
    Comment,
    /// A keyword, operator or punctuation.
    Token,
    /// Text that the grammar could not place.
    Error,
    /// Anything else.
    Other,
}

impl Role {
    /// Whether it is a constant written out.
    pub fn is_literal(self) -> bool {
        matches!(
            self,
            Self::IntegerLiteral
                | Self::FloatLiteral
                | Self::StringLiteral
                | Self::BooleanLiteral
                | Self::NullLiteral
                | Self::Regex
        )
    }

    /// Whether it repeats its body.
    pub fn is_loop(self) -> bool {
        matches!(self, Self::While | Self::DoWhile | Self::For | Self::ForEach)
    }

    /// Whether it has parameters and a body.
    pub fn is_function(self) -> bool {
        matches!(self, Self::Function | Self::Lambda)
    }
}

/// A part that a node may have, whatever the grammar calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// The name that is defined.
    Name,
    /// The word that declares: `let`, `const`, `var`.
    Keyword,
    /// The parameters of a function.
    Parameters,
    /// The statements of a function, loop, class; the expression of a lambda or a comprehension.
    Body,
    /// The left operand.
    Left,
    /// The operator's token.
    Operator,
    /// The right operand.
    Right,
    /// The only operand.
    Operand,
    /// What is called.
    Callee,
    /// The arguments' node.
    Arguments,
    /// What decides.
    Condition,
    /// What happens if the condition holds.
    Then,
    /// What happens if not; the first `else` or `else if`.
    Else,
    /// What is assigned to, or bound by a loop.
    Target,
    /// What is assigned, returned, raised or awaited; a default.
    Value,
    /// What a member or an element is taken of.
    Object,
    /// The member's name.
    Member,
    /// The first index of a subscript.
    Index,
    /// The key of a pair.
    Key,
    /// What a loop goes over.
    Iterable,
    /// What a `for` does first.
    Init,
    /// What a `for` does after each turn.
    Step,
    /// Where an import comes from.
    Source,
    /// The other name given by `as`.
    Alias,
    /// What a class is made from.
    Bases,
    /// An annotation of a type.
    Type,
}
