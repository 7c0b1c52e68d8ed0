//! Files whose content runs outside the sandbox later, when a tool that people use daily comes across them.
//!
//! Knows names, not contents. What `bodkin_guard` calls sensitive is not repeated here.

/// Folders in which everything runs later, wherever they stand.
const FOLDERS: [&str; 15] = [
    ".buildkite",
    ".cargo",
    ".circleci",
    ".claude",
    ".cursor",
    ".direnv",
    ".fleet",
    ".forgejo",
    ".gitea",
    ".mvn",
    ".pnp",
    ".woodpecker",
    ".yarn",
    ".zed",
    "gradle",
];

/// Two parts of a path that together name a folder in which everything runs later.
const PLACES: [(&str, &str); 2] = [(".github", "actions"), (".config", "fish")];

/// Names of files that run later, wherever they stand.
const NAMES: [&str; 76] = [
    ".babelrc",
    ".bash_aliases",
    ".bash_login",
    ".bash_logout",
    ".bash_profile",
    ".bashrc",
    ".cirrus.yml",
    ".cshrc",
    ".dir-locals.el",
    ".drone.yml",
    ".emacs",
    ".eslintrc",
    ".exrc",
    ".gdbinit",
    ".gitlab-ci.yml",
    ".inputrc",
    ".lintstagedrc",
    ".lldbinit",
    ".login",
    ".mise.toml",
    ".mocharc.json",
    ".mocharc.yml",
    ".nvimrc",
    ".nvim.lua",
    ".pnp.cjs",
    ".pnpmfile.cjs",
    ".pre-commit-config.yaml",
    ".pre-commit-config.yml",
    ".prettierrc",
    ".profile",
    ".pythonrc",
    ".tool-versions",
    ".travis.yml",
    ".vimrc",
    ".yarnrc",
    ".yarnrc.yml",
    ".zlogin",
    ".zprofile",
    ".zshenv",
    ".zshrc",
    "appveyor.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "build.rs",
    "build.xml",
    "cargo.toml",
    "cmakelists.txt",
    "compose.yaml",
    "compose.yml",
    "conftest.py",
    "docker-compose.yaml",
    "docker-compose.yml",
    "dockerfile",
    "dodo.py",
    "gemfile",
    "gnumakefile",
    "gradlew",
    "gradlew.bat",
    "jenkinsfile",
    "justfile",
    "lefthook.yml",
    "makefile",
    "meson.build",
    "mise.toml",
    "mvnw",
    "mvnw.cmd",
    "noxfile.py",
    "package.json",
    "pom.xml",
    "pyproject.toml",
    "pytest.ini",
    "rakefile",
    "setup.cfg",
    "setup.py",
    "sitecustomize.py",
    "usercustomize.py",
];

/// Less usual ones of the same kinds.
const MORE_NAMES: [&str; 9] = [
    "directory.build.props",
    "directory.build.targets",
    "flake.nix",
    "rust-toolchain",
    "rust-toolchain.toml",
    "shell.nix",
    "tasks.py",
    "tox.ini",
    "vagrantfile",
];

/// Ends of names of files that run later.
const ENDS: [&str; 20] = [
    ".code-workspace",
    ".config.cjs",
    ".config.js",
    ".config.mjs",
    ".config.mts",
    ".config.ts",
    ".csproj",
    ".desktop",
    ".gradle",
    ".gradle.kts",
    ".mk",
    ".pth",
    ".service",
    ".sln",
    ".targets",
    ".vbproj",
    ".fsproj",
    "rc.cjs",
    "rc.js",
    "rc.mjs",
];

/// Why the file of these parts, in lower case, runs later; `None` if it does not.
pub(super) fn why(parts: &[String]) -> Option<String> {
    let (name, folders) = parts.split_last()?;
    let in_folder = folders.iter().find(|part| FOLDERS.contains(&part.as_str()));
    let in_place = folders.windows(2).find_map(|pair| match pair {
        [above, below] if PLACES.contains(&(above, below)) => Some(below),
        _ => None,
    });
    if let Some(folder) = in_folder.or(in_place) {
        return Some(format!("tools run what stands in `{folder}`, outside the sandbox"));
    }
    let is_known = NAMES.contains(&name.as_str())
        || MORE_NAMES.contains(&name.as_str())
        || ENDS.iter().any(|end| name.ends_with(end));
    is_known.then(|| "tools run what stands in it, outside the sandbox".to_owned())
}
