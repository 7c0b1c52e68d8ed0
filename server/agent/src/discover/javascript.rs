//! JavaScript and TypeScript: the package's test script, jest, vitest or Node's own runner.

use std::collections::BTreeMap;

use bodkin_guard::action::{CommandLine, Runner};
use bodkin_text::RelPath;
use serde_json::Value;

use super::javascript_imports::Sources;
use super::javascript_tool::{Kind, Tool};
use super::places::{Files, Folder};
use super::words::{Words, split};
use super::{Chosen, Narrowed, reach};

const SOURCES: [&str; 10] = ["js", "ts", "jsx", "tsx", "mjs", "cjs", "mts", "cts", "vue", "svelte"];

pub(super) fn is_source(extension: &str) -> bool {
    SOURCES.contains(&extension)
}

/// What one folder says about testing `target`.
pub(super) fn find(files: &Files<'_>, folder: &Folder, target: &RelPath) -> Option<Chosen> {
    let manifest = folder.at("package.json").filter(|it| files.has(it));
    let package = manifest.as_ref().map(|it| Package::read(files, it));
    let found = package.as_ref().and_then(|it| it.by_script(files, folder, target));
    found.or_else(|| package.as_ref()?.by_dependency(files, folder, target)).or_else(|| {
        let is_here = package.is_some() || *folder == Folder::ROOT;
        if is_here { by_node_tests(files, folder, target) } else { None }
    })
}

/// The tests that touch the target, where a command runs a known tool and does not say on which files.
pub(super) fn narrow_command(
    files: &Files<'_>,
    folder: &Folder,
    target: &RelPath,
    words: &Words,
) -> Option<Narrowed> {
    if calls_script(words) {
        return find(files, folder, target)?.narrowed;
    }
    let tool = Tool::of(files, folder, words).filter(|it| !it.has_places)?;
    narrow(files, folder, target, &tool)
}

/// The tool that words call, by themselves or by the test script of the folder's package.
pub(super) fn tool(files: &Files<'_>, folder: &Folder, words: &Words) -> Option<Tool> {
    if !calls_script(words) {
        return Tool::of(files, folder, words);
    }
    let package = Package::read(files, &folder.at("package.json")?);
    Tool::of(files, folder, &split(package.script("test")?)?)
}

/// Whether words run a package's test script.
fn calls_script(words: &Words) -> bool {
    match words.argv.as_slice() {
        [program, test] => is_manager(program) && matches!(test.as_str(), "test" | "t"),
        [program, run, test] => is_manager(program) && run == "run" && test == "test",
        _ => false,
    }
}

fn is_manager(program: &str) -> bool {
    matches!(program, "npm" | "pnpm" | "yarn" | "bun")
}

/// What a package.json says; one that can not be read says nothing.
struct Package {
    path: RelPath,
    json: Value,
}

impl Package {
    fn read(files: &Files<'_>, path: &RelPath) -> Self {
        let text = files.read(path).unwrap_or_default();
        Self { path: path.clone(), json: serde_json::from_str(&text).unwrap_or_default() }
    }

    fn script(&self, name: &str) -> Option<&str> {
        let script = self.json.get("scripts")?.get(name)?.as_str()?.trim();
        // What `npm init` writes is no test.
        (!script.is_empty() && !script.contains("no test specified")).then_some(script)
    }

    fn by_script(&self, files: &Files<'_>, folder: &Folder, target: &RelPath) -> Option<Chosen> {
        let script = self.script("test")?;
        let manager = manager(files, folder);
        let call = if manager == "bun" { vec!["bun", "run", "test"] } else { vec![manager, "test"] };
        let reason = format!("{}, because {} has the script: {script}", call.join(" "), self.path);
        let mut chosen = Chosen::simple(folder, &call, reason);
        let words = split(script);
        if script.starts_with("react-scripts ") {
            chosen.env.insert("CI".to_owned(), "true".to_owned());
        }
        let Some(tool) = words.as_ref().and_then(|it| Tool::of(files, folder, it)) else {
            return Some(chosen);
        };
        chosen.env.extend(tool.env.clone());
        let is_alone = self.script("pretest").is_none() && self.script("posttest").is_none();
        let direct = Runner::Command { command: tool.whole(), cwd: folder.0.clone() };
        if tool.watches {
            chosen.command = tool.whole();
            chosen.reason = format!("{}, because {} has the script: {script}", tool.kind.name(), self.path);
            chosen.runner = direct;
        } else if is_alone && !tool.has_places {
            chosen.runner = direct;
        }
        chosen.narrowed = narrow(files, folder, target, &tool);
        Some(chosen)
    }

    /// jest or vitest, which need no script.
    fn by_dependency(&self, files: &Files<'_>, folder: &Folder, target: &RelPath) -> Option<Chosen> {
        let needs = |name: &str| {
            let lists = ["dependencies", "devDependencies"];
            lists.iter().any(|list| self.json.get(list).is_some_and(|it| it.get(name).is_some()))
        };
        let configured = |name: &str| {
            let config = format!("{name}.config.");
            files.below(folder).find(|it| Folder::of(it) == *folder && it.file_name().starts_with(&config))
        };
        let why = |name: &str| match configured(name) {
            Some(config) => Some(format!("of {config}")),
            None if needs(name) => Some(format!("{} needs it", self.path)),
            None if name == "jest" && self.json.get("jest").is_some() => {
                Some(format!("{} configures it", self.path))
            }
            None => None,
        };
        let (kind, why) =
            [Kind::Vitest, Kind::Jest].into_iter().find_map(|it| Some((it, why(it.name())?)))?;
        let is_tested = files.below(folder).any(is_test_name);
        is_tested.then(|| by_tool(files, folder, target, &Tool::plain(files, folder, kind), &why))
    }
}

/// Node's own runner, where a test file imports it.
fn by_node_tests(files: &Files<'_>, folder: &Folder, target: &RelPath) -> Option<Chosen> {
    let sources = Sources::below(files, folder, is_test_name);
    let tests: Vec<&RelPath> = sources.importers_of("node:test").collect();
    let first = tests.first()?;
    let mut tool = Tool::plain(files, folder, Kind::Node);
    if !tests.iter().all(|it| is_found_by_node(it)) {
        tool.words.extend(tests.iter().map(|it| folder.relative(it)));
        let mut chosen = by_tool(files, folder, target, &tool, &format!("{first} imports node:test"));
        chosen.narrowed = narrow(files, folder, target, &Tool::plain(files, folder, Kind::Node));
        return Some(chosen);
    }
    Some(by_tool(files, folder, target, &tool, &format!("{first} imports node:test")))
}

fn by_tool(files: &Files<'_>, folder: &Folder, target: &RelPath, tool: &Tool, why: &str) -> Chosen {
    let command = tool.whole();
    Chosen {
        runner: Runner::Command { command: command.clone(), cwd: folder.0.clone() },
        command,
        cwd: folder.0.clone(),
        env: BTreeMap::new(),
        reason: format!("{}, because {why}", tool.kind.name()),
        narrowed: narrow(files, folder, target, tool),
    }
}

fn narrow(files: &Files<'_>, folder: &Folder, target: &RelPath, tool: &Tool) -> Option<Narrowed> {
    let sources = Sources::below(files, &Folder::ROOT, is_test_name);
    let is_test = |it: &RelPath| {
        folder.holds(it)
            && match tool.kind {
                Kind::Jest | Kind::Vitest => is_test_name(it),
                Kind::Node => is_test_name(it) || sources.imports(it, "node:test"),
            }
    };
    let mut tests = reach::tests_of(target, is_test, sources.edges(target));
    let all = files.below(folder).filter(|it| is_test(it)).count();
    if tests.is_empty() {
        let stem = target.stem();
        let named = |it: &&RelPath| is_test(it) && it.file_name().split('.').next() == Some(stem);
        tests = files.below(folder).filter(named).cloned().collect();
    }
    if tests.is_empty() || tests.len() == all {
        return None;
    }
    let command: CommandLine = tool.on(tests.iter().map(|it| folder.relative(it)));
    let runner = Runner::Command { command: command.clone(), cwd: folder.0.clone() };
    Some(Narrowed { runner, command, tests })
}

/// The files that a file imports, nearest first.
pub(super) fn imported_by(files: &Files<'_>, file: &RelPath) -> Vec<RelPath> {
    let sources = Sources::below(files, &Folder::ROOT, |it| it == file);
    reach::files_of(file, sources.edges(file))
}

/// Whether a file is named as jest looks for tests.
fn is_test_name(path: &RelPath) -> bool {
    let is_source = path.extension().is_some_and(is_source);
    is_marked(path) || is_source && path.parts().rev().skip(1).any(|it| it == "__tests__")
}

/// Whether a file is named `a.test.js` or the like.
fn is_marked(path: &RelPath) -> bool {
    let name = path.file_name();
    path.extension().is_some_and(is_source) && (name.contains(".test.") || name.contains(".spec."))
}

/// Whether `node --test` finds a file by itself.
fn is_found_by_node(path: &RelPath) -> bool {
    let stem = path.stem();
    let is_script = matches!(path.extension(), Some("js" | "mjs" | "cjs"));
    let is_named = stem == "test"
        || stem.starts_with("test-")
        || [".test", "-test", "_test"].iter().any(|it| stem.ends_with(it));
    is_script && (is_named || path.parts().rev().skip(1).any(|it| it == "test"))
}

/// Who runs scripts here, told by the nearest lock file or `packageManager`.
fn manager(files: &Files<'_>, folder: &Folder) -> &'static str {
    let locks = [
        ("pnpm-lock.yaml", "pnpm"),
        ("yarn.lock", "yarn"),
        ("package-lock.json", "npm"),
        ("npm-shrinkwrap.json", "npm"),
        ("bun.lock", "bun"),
        ("bun.lockb", "bun"),
    ];
    let found = folder.upwards().find_map(|it| {
        let locked = locks.iter().find(|(name, _)| it.at(name).is_some_and(|it| files.exists(&it)));
        locked.map(|(_, manager)| *manager).or_else(|| {
            let package = Package::read(files, &it.at("package.json")?);
            let field = package.json.get("packageManager")?.as_str()?;
            ["pnpm", "yarn", "npm", "bun"].into_iter().find(|name| field.starts_with(&format!("{name}@")))
        })
    });
    found.unwrap_or("npm")
}
