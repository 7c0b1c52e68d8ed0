//! How often real fixes have each form: the prior of the search, as data.
//!
//! Weights are percent of single-statement fixes, from counts over public histories (ManySStuBs4J for the shape of
//! Java-like languages, TSSB-3M for Python), tempered where such counts hold what no test would fail on (renames,
//! messages). They are relative: a statement's applicable templates share its probability between them.

use crate::surface::Family;
use crate::symptom::FailureClass;

macro_rules! templates {
    ($($(#[doc = $doc:literal])* $name:ident $python:literal $javascript:literal;)*) => {
        /// A form of change; an operator has one or more.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum Template { $($(#[doc = $doc])* $name,)* }

        impl Template {
            /// Weight in Python and in JavaScript.
            fn weights(self) -> (f32, f32) {
                match self { $(Self::$name => ($python, $javascript),)* }
            }

            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

templates! {
    /// `<` and `<=`, `==` and `!=`
    ComparisonNear 4.0 4.0;
    /// `<` and `>`
    ComparisonFlipped 2.0 2.0;
    ComparisonOther 0.6 0.6;
    /// `x == 0` and `x <= 1`
    ComparisonConstant 1.0 1.0;
    /// `==` and `===`, `==` and `is`
    ComparisonStrictness 0.4 2.0;
    ArithmeticOperator 3.0 3.0;
    AugmentedOperator 2.0 2.0;
    BooleanOperator 2.0 2.0;
    /// `x` and `x + 1`
    OffByOne 4.5 4.5;
    /// `x - 1` and `x`
    OffsetDropped 1.5 1.5;
    Negated 2.5 2.5;
    NegationDropped 1.5 1.5;
    ClauseAdded 3.9 3.7;
    ClauseDropped 1.2 2.0;
    ConditionReplaced 2.0 2.0;
    ConditionMade 1.5 1.5;
    ConditionConstant 0.2 0.2;
    ArgumentsSwapped 1.0 1.2;
    ArgumentDropped 2.0 2.0;
    ArgumentAdded 5.0 5.0;
    /// `sort()` and `sort((a, b) => a - b)`
    ArgumentKnown 1.5 2.0;
    OperandsSwapped 1.5 1.5;
    OperandDropped 2.0 2.0;
    OperandAdded 4.0 4.0;
    Regrouped 1.0 1.0;
    NameReplaced 14.0 18.0;
    /// `a[b] = c` and `a[c] = b`
    NamesSwapped 1.0 1.0;
    TargetReplaced 2.0 2.0;
    NumberReplaced 6.0 6.0;
    NumberToName 1.5 1.5;
    NameToLiteral 1.5 1.5;
    BoolFlipped 3.1 2.9;
    TextReplaced 2.0 2.0;
    /// `"{x}"` and `f"{x}"`
    TextForm 0.8 0.8;
    LiteralType 0.5 0.5;
    ReturnAdded 2.5 2.5;
    ReturnInserted 2.0 2.0;
    ReturnReplaced 2.5 2.5;
    Wrapped 5.0 4.0;
    WrappedBounded 1.0 1.0;
    Unwrapped 1.5 1.5;
    CallAdded 2.0 2.0;
    CallDropped 0.5 0.5;
    AwaitAdded 0.5 3.0;
    GuardInserted 5.0 5.0;
    GuardLoop 1.5 1.5;
    StatementGuarded 1.5 1.5;
    FunctionReplaced 6.0 6.0;
    MethodReplaced 5.0 6.0;
    AttributeReplaced 5.0 5.0;
    AttributeAdded 2.0 2.0;
    AttributeDropped 1.2 1.2;
    /// `x[0]` and `x[-1]`
    IndexEnd 1.5 1.0;
    SubscriptAdded 1.5 1.5;
    SubscriptDropped 1.0 1.0;
    SliceChanged 2.0 1.0;
    SliceAdded 1.0 0.7;
    ElementAdded 2.0 2.0;
    ElementDropped 0.7 0.7;
    LiteralNested 0.7 0.7;
    StatementCopied 1.0 1.0;
    AssignmentInserted 2.5 2.5;
    UpdateInserted 1.5 1.5;
    CallInserted 2.0 2.0;
    CallToAssignment 1.0 1.0;
    StatementsSwapped 1.0 1.0;
    StatementMoved 2.0 1.5;
    RangeChanged 2.0 0.5;
    LoopForm 0.3 2.0;
    KeywordSwapped 1.2 1.0;
    YieldForm 1.0 0.5;
    Fallback 2.0 3.0;
    ImportAdded 0.2 0.1;
    DefaultShared 1.0 0.0;
    DeclarationForm 0.0 1.0;
    StatementDeleted 0.7 0.7;
}

impl Template {
    /// Relative frequency in a language, given what was seen to fail.
    pub(crate) fn weight(self, family: Family, classes: &[FailureClass]) -> f32 {
        let (python, javascript) = self.weights();
        let base = match family {
            Family::Python => python,
            Family::JavaScript { .. } => javascript,
        };
        classes.iter().fold(base, |weight, class| weight * factor(*class, self))
    }
}

/// How much likelier a kind of failure makes a template.
fn factor(class: FailureClass, template: Template) -> f32 {
    let found = RAISED
        .iter()
        .filter(|(it, _, _)| *it == class)
        .find(|(_, templates, _)| templates.contains(&template));
    found.map_or(1.0, |(_, _, factor)| *factor)
}

use FailureClass as F;
use Template as T;

/// What a kind of failure makes likelier, and by how much.
const RAISED: &[(FailureClass, &[Template], f32)] = &[
    (F::Index, &[T::OffByOne, T::OffsetDropped, T::ComparisonNear, T::RangeChanged], 4.0),
    (
        F::Index,
        &[
            T::GuardInserted,
            T::ClauseAdded,
            T::StatementGuarded,
            T::NumberReplaced,
            T::IndexEnd,
            T::SliceChanged,
        ],
        2.0,
    ),
    (F::Key, &[T::Fallback, T::TextReplaced], 6.0),
    (
        F::Key,
        &[T::GuardInserted, T::ClauseAdded, T::StatementGuarded, T::NameReplaced, T::AssignmentInserted],
        2.0,
    ),
    (F::Name, &[T::NameReplaced, T::FunctionReplaced], 6.0),
    (F::Name, &[T::ImportAdded], 100.0),
    (F::Name, &[T::AttributeAdded, T::AssignmentInserted, T::TextForm], 3.0),
    (F::Attribute, &[T::AttributeReplaced, T::MethodReplaced], 6.0),
    (
        F::Attribute,
        &[T::AttributeAdded, T::AttributeDropped, T::CallAdded, T::SubscriptAdded, T::NameReplaced],
        3.0,
    ),
    (
        F::Null,
        &[
            T::GuardInserted,
            T::ClauseAdded,
            T::StatementGuarded,
            T::Fallback,
            T::ReturnAdded,
            T::ReturnInserted,
        ],
        4.0,
    ),
    (F::Null, &[T::AwaitAdded, T::ConditionMade], 2.0),
    (
        F::Type,
        &[T::Wrapped, T::CallAdded, T::ArgumentAdded, T::ArgumentDropped, T::SubscriptAdded, T::LiteralType],
        3.0,
    ),
    (
        F::Type,
        &[T::ReturnAdded, T::Unwrapped, T::AttributeAdded, T::SubscriptDropped, T::MethodReplaced],
        2.0,
    ),
    (F::Argument, &[T::ArgumentAdded, T::ArgumentDropped, T::CallAdded], 8.0),
    (F::ZeroDivision, &[T::GuardInserted, T::StatementGuarded, T::ClauseAdded, T::Fallback], 5.0),
    (F::ZeroDivision, &[T::WrappedBounded, T::OperandAdded], 2.0),
    (
        F::Recursion,
        &[T::GuardInserted, T::ConditionMade, T::ConditionReplaced, T::ClauseAdded, T::ComparisonNear],
        3.0,
    ),
    (
        F::Recursion,
        &[T::OffByOne, T::OperandAdded, T::OperandDropped, T::ArgumentsSwapped, T::NameReplaced],
        1.5,
    ),
    (
        F::TimedOut,
        &[T::UpdateInserted, T::AssignmentInserted, T::OffByOne, T::ConditionMade, T::ConditionReplaced],
        3.0,
    ),
    (
        F::TimedOut,
        &[T::ComparisonNear, T::ComparisonFlipped, T::ClauseAdded, T::AugmentedOperator, T::TargetReplaced],
        2.0,
    ),
    (F::TimedOut, &[T::GuardInserted, T::ArithmeticOperator, T::StatementMoved, T::GuardLoop], 1.5),
    (F::GotNothing, &[T::ReturnAdded, T::ReturnInserted], 10.0),
    (
        F::WrongTruth,
        &[T::BoolFlipped, T::Negated, T::NegationDropped, T::ComparisonNear, T::ComparisonFlipped],
        2.5,
    ),
    (F::WrongTruth, &[T::BooleanOperator, T::ClauseAdded, T::ClauseDropped, T::ReturnReplaced], 2.0),
    (F::OffByOne, &[T::OffByOne, T::OffsetDropped, T::ComparisonNear, T::RangeChanged], 3.0),
    (F::OffByOne, &[T::NumberReplaced], 1.5),
    (F::Unbound, &[T::AssignmentInserted, T::StatementMoved], 6.0),
    (F::Constant, &[T::DeclarationForm], 60.0),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_has_a_weight_in_some_language() {
        for &template in Template::ALL {
            let (python, javascript) = template.weights();
            assert!(python > 0.0 || javascript > 0.0, "{template:?}");
        }
    }

    #[test]
    fn an_index_error_raises_bounds_over_operators() {
        let weight = |template, classes: &[FailureClass]| Template::weight(template, Family::Python, classes);
        let classes = [FailureClass::Index];
        assert!(weight(Template::OffByOne, &classes) > weight(Template::OffByOne, &[]));
        assert_eq!(weight(Template::BooleanOperator, &classes), weight(Template::BooleanOperator, &[]));
    }
}
