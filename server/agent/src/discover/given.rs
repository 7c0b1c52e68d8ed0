//! A test command that somebody typed: run as it stands for the proof, understood where that makes it fast.

use bodkin_guard::action::{CommandLine, Runner};
use bodkin_text::RelPath;

use super::places::{Files, Folder};
use super::words::{Words, split};
use super::{Chosen, Narrowed, javascript, python};

/// What the line means. It is never refused: what is not understood is run as it is.
pub(super) fn understand(files: &Files<'_>, target: &RelPath, line: &str) -> Chosen {
    let command = CommandLine::Shell(line.to_owned());
    let words = split(line);
    let warm = words.as_ref().and_then(|it| warm_runner(it, &Folder::ROOT));
    let narrowed = match (&warm, &words) {
        (Some(runner), _) => narrow(files, target, runner),
        (None, Some(words)) => javascript::narrow_command(files, &Folder::ROOT, target, words),
        (None, None) => None,
    };
    let runner = warm.unwrap_or_else(|| Runner::Command { command: command.clone(), cwd: None });
    let env = words.map(|it| it.env).unwrap_or_default().into_iter().collect();
    Chosen { runner, command, cwd: None, env, reason: "as given".to_owned(), narrowed }
}

/// pytest or unittest, if that is what the words run.
pub(super) fn warm_runner(words: &Words, folder: &Folder) -> Option<Runner> {
    if words.has_pattern {
        return None;
    }
    let (program, args) = words.argv.split_first()?;
    let (path, name) = program.rsplit_once('/').map_or(("", program.as_str()), |(path, name)| (path, name));
    let cwd = folder.0.clone();
    if matches!(name, "pytest" | "py.test" | "pytest-3") {
        let python = if path.is_empty() { "python3".to_owned() } else { format!("{path}/python") };
        return Some(Runner::Pytest { python, args: args.to_vec(), cwd });
    }
    if !is_python(name) {
        return None;
    }
    // What unbuffers output or spares .pyc files changes no test.
    let skipped = args.iter().take_while(|it| matches!(it.as_str(), "-u" | "-B" | "-uB" | "-Bu")).count();
    let args = args.get(skipped..)?;
    match args.split_first_chunk()? {
        ([flag, module], args) if flag == "-m" => match module.as_str() {
            "pytest" => Some(Runner::Pytest { python: program.clone(), args: args.to_vec(), cwd }),
            "unittest" => Some(Runner::Unittest { python: program.clone(), args: args.to_vec(), cwd }),
            _ => None,
        },
        _ => None,
    }
}

fn is_python(name: &str) -> bool {
    let version = name.strip_suffix(".exe").unwrap_or(name).strip_prefix("python");
    version.is_some_and(|it| it.chars().all(|it| it.is_ascii_digit() || it == '.'))
}

/// The tests that touch the target, where the command does not pick some itself.
fn narrow(files: &Files<'_>, target: &RelPath, runner: &Runner) -> Option<Narrowed> {
    match runner {
        Runner::Pytest { args, .. } => {
            let is_place = |it: &String| {
                let path = RelPath::new(it.split("::").next().unwrap_or(it)).ok();
                path.is_some_and(|it| files.exists(&it) || files.has_folder(&it)) || it == "."
            };
            let picks = |it: &String| it.starts_with("--pyargs") || it.starts_with("--deselect");
            let is_told = args.iter().any(|it| picks(it) || (!it.starts_with('-') && is_place(it)));
            if is_told { None } else { python::narrow(files, &Folder::ROOT, target, runner) }
        }
        Runner::Unittest { args, .. } => {
            let is_told = match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                [] | ["discover"] | ["discover", "-s", _] => false,
                [..] => true,
            };
            if is_told { None } else { python::narrow(files, &Folder::ROOT, target, runner) }
        }
        Runner::Command { .. } => None,
    }
}
