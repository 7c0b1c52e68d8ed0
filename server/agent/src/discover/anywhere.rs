//! The test command of a workspace as a whole, for those who ask before there is a target.

use bodkin_text::RelPath;

use super::{Chosen, Tree, discover};

/// Extensions of the languages, the commonest first.
const LANGUAGES: [&str; 6] = ["py", "ts", "tsx", "js", "jsx", "mjs"];

/// What would be chosen for the first file of a language that has tests, nearest to the root first.
pub fn of_workspace(tree: Tree<'_>, given: Option<&str>) -> Option<Chosen> {
    let depth = |path: &&RelPath| path.parts().count();
    LANGUAGES.iter().find_map(|language| {
        let target = tree.files.iter().filter(|it| it.extension() == Some(language)).min_by_key(depth)?;
        discover(tree, target, given).ok()
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bodkin_guard::action::CommandLine;

    use super::*;

    fn found(files: &[(&str, &str)], given: Option<&str>) -> Option<String> {
        let paths: Vec<RelPath> = files.iter().map(|it| RelPath::new(it.0).unwrap()).collect();
        let read =
            |path: &RelPath| files.iter().find(|it| it.0 == path.as_str()).map(|it| Arc::<str>::from(it.1));
        let exists = |path: &RelPath| paths.contains(path);
        let tree = Tree { files: &paths, read: &read, exists: &exists };
        of_workspace(tree, given).map(|it| match it.command {
            CommandLine::Argv(words) => words.join(" "),
            CommandLine::Shell(line) => line,
        })
    }

    #[test]
    fn a_workspace_has_the_command_of_its_first_file_that_has_one() {
        let python = [("a/b.py", ""), ("test_b.py", "import pytest\n"), ("c.js", "")];
        assert_eq!(found(&python, None).as_deref(), Some("python3 -m pytest"));
        assert_eq!(found(&python, Some("make check")).as_deref(), Some("make check"));
        assert_eq!(found(&[("README.md", "")], None), None);
    }
}
