//! What a front tells about a workspace: its walls, and its test command.

use bodkin_agent::discover::{self, Tree};
use bodkin_guard::report::Isolation;
use bodkin_workspace::File;

use crate::facade::Host;
use bodkin_text::RelPath;

/// How a workspace is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// How strong the walls around what runs there are.
    pub isolation: Isolation,
    /// The test command as it would be typed, and why it is this one; `None` where there is none.
    pub tests: Option<(String, String)>,
}

impl Host {
    /// Looks at the workspace; waits for its first walk, at most a minute.
    pub fn about(&self) -> About {
        let inner = self.inner();
        let (listing, snapshot) = (self.listing(), self.snapshot());
        let read = |path: &RelPath| snapshot.file(path).map(File::text);
        let exists = |path: &RelPath| listing.binary_search(path).is_ok();
        let tree = Tree { files: &listing, read: &read, exists: &exists };
        let set = inner.settings().agent.test_command;
        let tests = discover::of_workspace(tree, set.as_deref())
            .map(|it| (bodkin_protocol::translate::command(&it.command), it.reason));
        About { isolation: inner.sandbox.isolation(), tests }
    }
}
