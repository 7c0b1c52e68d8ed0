//! TypeScript with JSX: the kinds of TypeScript, another grammar.

use std::sync::OnceLock;

use super::{javascript, javascript_imports, typescript};
use crate::grammar::{Grammar, Table};

pub(crate) fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::new(&GRAMMAR))
}

static GRAMMAR: Grammar = Grammar {
    extensions: &["tsx"],
    interpreters: &[],
    load: || tree_sitter_typescript::LANGUAGE_TSX.into(),
    kinds: typescript::KINDS,
    builtins: javascript::BUILTINS,
    assignment_declares: false,
    import: javascript_imports::import,
    required: javascript_imports::required,
    is_test: |_, _| false,
    test_calls: javascript::TEST_CALLS,
    group_calls: javascript::GROUP_CALLS,
};
