//! A test tool of JavaScript, as it is called: what to keep, what to leave out, and how it is told its files.

use std::collections::BTreeMap;

use bodkin_guard::action::CommandLine;
use bodkin_text::RelPath;

use super::places::{Files, Folder};
use super::words::{Words, command};

/// Options that take the next word as their value.
const WITH_VALUE: [&str; 32] = [
    "-c",
    "--config",
    "--import",
    "-r",
    "--require",
    "--loader",
    "--experimental-loader",
    "--env-file",
    "--rootDir",
    "--roots",
    "--root",
    "--dir",
    "--project",
    "--projects",
    "--selectProjects",
    "--reporter",
    "--reporters",
    "--test-reporter",
    "--test-reporter-destination",
    "--test-name-pattern",
    "-t",
    "--testNamePattern",
    "--maxWorkers",
    "-w",
    "--testTimeout",
    "--environment",
    "--pool",
    "--setupFiles",
    "--test-concurrency",
    "--test-timeout",
    "-C",
    "--conditions",
];

/// Which tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Node,
    Jest,
    Vitest,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Node => "node --test",
            Self::Jest => "jest",
            Self::Vitest => "vitest",
        }
    }
}

/// A call of a tool, without the files that it is called on.
#[derive(Debug, Clone)]
pub(super) struct Tool {
    pub(super) kind: Kind,
    pub(super) env: BTreeMap<String, String>,
    pub(super) words: Vec<String>,
    /// Whether the call names files or folders, which `words` lack.
    pub(super) has_places: bool,
    /// Whether the call would wait for changes and never end; `words` do not.
    pub(super) watches: bool,
}

impl Tool {
    /// The tool without options.
    pub(super) fn plain(files: &Files<'_>, folder: &Folder, kind: Kind) -> Self {
        let words = match kind {
            Kind::Node => ["node", "--test"].map(str::to_owned).to_vec(),
            Kind::Jest => installed(files, folder, "jest"),
            Kind::Vitest => {
                let mut words = installed(files, folder, "vitest");
                words.push("run".to_owned());
                words
            }
        };
        Self { kind, env: BTreeMap::new(), words, has_places: false, watches: false }
    }

    /// The tool that words call. `None` where they call another.
    pub(super) fn of(files: &Files<'_>, folder: &Folder, words: &Words) -> Option<Self> {
        let mut env: BTreeMap<String, String> = words.env.iter().cloned().collect();
        let argv = unwrapped(&words.argv, &mut env)?;
        let (program, args) = argv.split_first()?;
        let name = program.rsplit('/').next().unwrap_or(program);
        let (kind, start, args) = match name {
            "jest" => (Kind::Jest, installed(files, folder, "jest"), args),
            "vitest" => (Kind::Vitest, installed(files, folder, "vitest"), args),
            "node" => {
                match args.iter().position(|it| it.ends_with("/jest.js") || it.ends_with(".bin/jest")) {
                    Some(at) => (Kind::Jest, argv.get(..at + 2)?.to_vec(), args.get(at + 1..)?),
                    None if args.iter().any(|it| it == "--test") => (Kind::Node, vec![program.clone()], args),
                    None => return None,
                }
            }
            _ => return None,
        };
        let mut tool = Self { kind, env, words: start, has_places: false, watches: false };
        tool.take(files, folder, args)?;
        Some(tool)
    }

    fn take(&mut self, files: &Files<'_>, folder: &Folder, args: &[String]) -> Option<()> {
        let mut args = args.iter().peekable();
        if self.kind == Kind::Vitest {
            // Without a word it waits for changes on a terminal, and only there.
            match args.peek().map(|it| it.as_str()) {
                Some("run") => _ = args.next(),
                Some("watch" | "dev") => {
                    self.watches = true;
                    args.next();
                }
                Some("bench" | "typecheck" | "list" | "related") => return None,
                Some(_) | None => {}
            }
            self.words.push("run".to_owned());
        }
        while let Some(word) = args.next() {
            let is_place = || {
                let path = folder.at(word);
                word.contains(['*', '?', '{'])
                    || path.is_some_and(|it| files.exists(&it) || files.has_folder(&it))
            };
            if word.starts_with("--watch") && !word.starts_with("--watchman") {
                self.watches |= word != "--watch=false";
            } else if word.starts_with("--coverage") || word == "--experimental-test-coverage" {
                // Slows every run and changes no test.
            } else if WITH_VALUE.contains(&word.as_str()) {
                self.words.push(word.clone());
                self.words.extend(args.next().cloned());
            } else if !word.starts_with('-') && is_place() {
                self.has_places = true;
            } else {
                self.words.push(word.clone());
            }
        }
        Some(())
    }

    /// The call on whatever the tool finds.
    pub(super) fn whole(&self) -> CommandLine {
        command(self.words.clone(), &self.env)
    }

    /// The call on these files, written as in its folder.
    pub(super) fn on(&self, files: impl Iterator<Item = String>) -> CommandLine {
        let by_path = match self.kind {
            Kind::Jest => Some("--runTestsByPath".to_owned()),
            Kind::Node | Kind::Vitest => None,
        };
        command(self.words.iter().cloned().chain(by_path).chain(files).collect(), &self.env)
    }
}

/// The words without what only prepares the call: `npx`, `cross-env A=1`, a coverage tool.
fn unwrapped<'w>(argv: &'w [String], env: &mut BTreeMap<String, String>) -> Option<&'w [String]> {
    let (program, mut rest) = argv.split_first()?;
    let past = |words: &'w [String]| {
        let options = words.iter().take_while(|it| it.starts_with('-')).count();
        words.get(options..)
    };
    match program.as_str() {
        "npx" | "c8" | "nyc" => unwrapped(past(rest)?, env),
        "cross-env" | "env" => {
            while let Some((word, after)) = rest.split_first()
                && let Some((name, value)) = word.split_once('=')
            {
                env.insert(name.to_owned(), value.to_owned());
                rest = after;
            }
            unwrapped(rest, env)
        }
        _ => Some(argv),
    }
}

/// A tool of the package, as it is called in the folder.
fn installed(files: &Files<'_>, folder: &Folder, name: &str) -> Vec<String> {
    let below = format!("node_modules/.bin/{name}");
    let binary: Option<RelPath> = folder.upwards().filter_map(|it| it.at(&below)).find(|it| files.exists(it));
    match binary {
        Some(it) => vec![folder.relative(&it)],
        None => ["npx", "--no-install", name].map(str::to_owned).to_vec(),
    }
}
