//! Go, Cargo, Maven, Gradle and Make: tools that find the tests themselves.

use bodkin_guard::action::{CommandLine, Runner};
use bodkin_text::RelPath;

use super::places::{Files, Folder};
use super::{Chosen, Narrowed, given, words};

/// `go test`, of the whole module; narrowed to the target's package.
pub(super) fn go(files: &Files<'_>, folder: &Folder, target: &RelPath) -> Option<Chosen> {
    let manifest = listed(files, folder, "go.mod")?;
    let mut chosen =
        Chosen::simple(folder, &["go", "test", "./..."], format!("go test, because of {manifest}"));
    let package = Folder::of(target);
    let tests = || files.below(folder).filter(|it| it.file_name().ends_with("_test.go"));
    let own: Vec<RelPath> = tests().filter(|it| Folder::of(it) == package).cloned().collect();
    if !own.is_empty() && own.len() < tests().count() {
        let place = package.0.as_ref().map_or(".".to_owned(), |it| match folder.relative(it) {
            here if here.is_empty() => ".".to_owned(),
            below => format!("./{below}"),
        });
        let command = CommandLine::Argv(["go", "test", &place].map(str::to_owned).to_vec());
        let runner = Runner::Command { command: command.clone(), cwd: folder.0.clone() };
        chosen.narrowed = Some(Narrowed { runner, command, tests: own });
    }
    Some(chosen)
}

/// `cargo test`, of the nearest package.
pub(super) fn cargo(files: &Files<'_>, folder: &Folder) -> Option<Chosen> {
    let manifest = listed(files, folder, "Cargo.toml")?;
    Some(Chosen::simple(folder, &["cargo", "test"], format!("cargo test, because of {manifest}")))
}

/// `mvn test`; a module of a larger build is tested from there, with the modules that it needs.
pub(super) fn maven(files: &Files<'_>, folder: &Folder) -> Option<Chosen> {
    let manifest = listed(files, folder, "pom.xml")?;
    let is_whole = |it: &Folder| {
        let pom = listed(files, it, "pom.xml").and_then(|it| files.read(&it));
        pom.is_some_and(|text| text.contains("<modules>"))
    };
    let whole = folder.upwards().filter(is_whole).last();
    let root = whole.unwrap_or_else(|| folder.clone());
    let program = wrapper(files, &root, "mvnw").unwrap_or_else(|| "mvn".to_owned());
    let module = folder.0.as_ref().filter(|_| root != *folder).map(|it| root.relative(it));
    let reason = format!("{program} test, because of {manifest}");
    let mut argv = vec![program.as_str(), "-B"];
    argv.extend(module.iter().flat_map(|it| ["-pl", it, "-am"]));
    argv.push("test");
    Some(Chosen::simple(&root, &argv, reason))
}

/// `gradle test`, of the nearest project.
pub(super) fn gradle(files: &Files<'_>, folder: &Folder) -> Option<Chosen> {
    let manifest = ["build.gradle", "build.gradle.kts"].iter().find_map(|it| listed(files, folder, it))?;
    let program = wrapper(files, folder, "gradlew").unwrap_or_else(|| "gradle".to_owned());
    let reason = format!("{program} test, because of {manifest}");
    Some(Chosen::simple(folder, &[&program, "test"], reason))
}

/// A Makefile's `test`. Where its recipe is one plain line that runs pytest or unittest, candidates are tried
/// by that; the proof runs make.
pub(super) fn make(files: &Files<'_>, folder: &Folder) -> Option<Chosen> {
    let names = ["GNUmakefile", "makefile", "Makefile"];
    let makefile = names.iter().find_map(|it| listed(files, folder, it))?;
    let text = files.read(&makefile)?;
    let rule = rule(&text)?;
    let mut chosen =
        Chosen::simple(folder, &["make", "test"], format!("make test, because {makefile} has the target"));
    if let ("", [line]) = (rule.needs, rule.recipe.as_slice())
        && let Some(words) = words::split(line.trim_start_matches(['@', '-', '+']))
        && let Some(runner) = given::warm_runner(&words, folder)
    {
        chosen.runner = runner;
        chosen.env = words.env.into_iter().collect();
    }
    Some(chosen)
}

/// How `test` is made.
struct Rule<'t> {
    needs: &'t str,
    recipe: Vec<&'t str>,
}

/// The rule for `test`, if there is one.
fn rule(makefile: &str) -> Option<Rule<'_>> {
    let mut lines = makefile.lines();
    let needs = lines.find_map(|line| {
        let (targets, needs) = line.split_once(':')?;
        let is_rule = !line.starts_with([' ', '\t', '#', '.']) && !needs.contains('=');
        (is_rule && targets.split_whitespace().any(|it| it == "test"))
            .then(|| needs.trim_start_matches(':').trim())
    })?;
    let own = lines.take_while(|it| it.starts_with('\t') || it.trim().is_empty() || it.starts_with('#'));
    let recipe = own.map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#')).collect();
    Some(Rule { needs, recipe })
}

/// The wrapper script in the folder or above it, as it is typed in the folder.
fn wrapper(files: &Files<'_>, folder: &Folder, name: &str) -> Option<String> {
    let script = folder.upwards().find_map(|it| listed(files, &it, name))?;
    let relative = folder.relative(&script);
    Some(if relative.contains('/') { relative } else { format!("./{relative}") })
}

fn listed(files: &Files<'_>, folder: &Folder, name: &str) -> Option<RelPath> {
    folder.at(name).filter(|it| files.has(it))
}
