//! `cargo xtask codegen`: writes what is generated from the code.

use anyhow::Result;

use crate::tool;

/// The generators are the tests that compare: told to update, they write.
pub(crate) fn run() -> Result<()> {
    tool::run(
        tool::cargo().args(["test", "--quiet", "--package", "bodkin_protocol"]).env("UPDATE_EXPECT", "1"),
    )
}
