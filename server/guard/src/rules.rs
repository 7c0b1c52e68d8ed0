//! The rules by which an act is judged.
//!
//! Each rule looks at one thing and answers by itself. An act is allowed only where every rule says so; of other
//! answers the strictest counts, and what no rule forbids and no consent covers is a question.
//! invariants: default-is-ask; actions are matched without a wildcard

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::action::{
    Action, CommandLine, Network, Probe, RunCommand, Runner, SendFiles, WriteFiles, WriteReason,
};
use crate::grant::{Grant, Grants};
use crate::report::{Isolation, IsolationLevel};
use crate::{secret, sensitive};

/// What the user's settings say about acts in general. The default trusts nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rules {
    /// Run commands in a reduced sandbox without asking each time.
    pub allow_reduced: bool,
}

/// What the rules say of one act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// It may be done, by these consents.
    Allow(Vec<Grant>),
    /// The user has to say yes.
    Ask { question: String, grant: Grant, hint: String },
    /// It may not be done.
    Deny { reason: String, hint: String },
}

impl Judgement {
    fn deny(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Deny { reason: reason.into(), hint: hint.into() }
    }

    /// Of two judgements the stricter; of two equally strict the first.
    fn and(self, next: Self) -> Self {
        match (self, next) {
            (Self::Allow(mut by), Self::Allow(more)) => {
                by.extend(more);
                Self::Allow(by)
            }
            (deny @ Self::Deny { .. }, _) | (_, deny @ Self::Deny { .. }) => deny,
            (ask @ Self::Ask { .. }, _) | (_, ask @ Self::Ask { .. }) => ask,
        }
    }
}

impl Rules {
    /// Judges one act. `walls` are those of the sandbox that would run it.
    pub(crate) fn judge(&self, action: &Action, walls: Option<&Isolation>, grants: &Grants) -> Judgement {
        match action {
            Action::RunCommand(run) => self.judge_run(run, walls, grants),
            Action::Probe(probe) => self.judge_probe(probe, walls, grants),
            Action::WriteFiles(write) => judge_write(write, grants),
            Action::SendFiles(send) => judge_send(send, grants),
        }
    }

    fn judge_run(&self, run: &RunCommand, walls: Option<&Isolation>, grants: &Grants) -> Judgement {
        names_a_program(&run.command)
            .and(keeps_secrets_out(&run.env, grants))
            .and(reaches_only_what_was_agreed(&run.network, grants))
            .and(self.stands_behind_walls(walls, grants))
    }

    fn judge_probe(&self, probe: &Probe, walls: Option<&Isolation>, grants: &Grants) -> Judgement {
        runner_names_a_program(&probe.runner)
            .and(keeps_secrets_out(&probe.env, grants))
            .and(reaches_only_what_was_agreed(&probe.network, grants))
            .and(self.stands_behind_walls(walls, grants))
    }

    fn stands_behind_walls(&self, walls: Option<&Isolation>, grants: &Grants) -> Judgement {
        let Some(walls) = walls else {
            return Judgement::deny("no sandbox is there to run it in", "see `bodkin doctor`");
        };
        match walls.level {
            IsolationLevel::Full => Judgement::Allow(Vec::new()),
            IsolationLevel::Reduced if self.allow_reduced => Judgement::Allow(Vec::new()),
            IsolationLevel::Reduced if grants.has(&Grant::ReducedIsolation) => {
                Judgement::Allow(vec![Grant::ReducedIsolation])
            }
            IsolationLevel::Reduced => Judgement::Ask {
                question: reduced_question(walls),
                grant: Grant::ReducedIsolation,
                hint: "see `bodkin doctor` for what is missing, or set `sandbox.allowReduced`".to_owned(),
            },
        }
    }
}

fn reduced_question(walls: &Isolation) -> String {
    let missing = match walls.missing.as_slice() {
        [] => "the kernel refused full isolation".to_owned(),
        missing => missing.join("; "),
    };
    format!("Only a reduced sandbox can be had here ({missing}). Run the project's code in it?")
}

fn reaches_only_what_was_agreed(network: &Network, grants: &Grants) -> Judgement {
    let Network::Hosts(hosts) = network else { return Judgement::Allow(Vec::new()) };
    if let Some(bad) = hosts.iter().find(|host| !is_host(host)) {
        return Judgement::deny(
            format!("`{}` is no host that can be let through", bad.escape_debug()),
            "name hosts like `pypi.org`, `*.crates.io` or `example.org:8443`",
        );
    }
    if hosts.is_empty() {
        return Judgement::deny("the list of hosts is empty", "name a host, or leave the network off");
    }
    let grant = Grant::Reach { hosts: hosts.clone() };
    if grants.has(&grant) {
        return Judgement::Allow(vec![grant]);
    }
    let names: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let names = names.join(", ");
    Judgement::Ask {
        question: format!("Let the command reach {names}? What it sends there can not be taken back."),
        grant,
        hint: format!("name the hosts in the request (`--net {names}`)"),
    }
}

/// A name with at least one dot or `localhost`, one leading `*.` allowed, and maybe a port.
fn is_host(host: &str) -> bool {
    let (name, port) = host.rsplit_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let name = name.strip_prefix("*.").unwrap_or(name);
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
    };
    let port_is_one = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    name.len() <= 253 && name.split('.').all(label) && port_is_one
}

fn judge_send(send: &SendFiles, grants: &Grants) -> Judgement {
    let grant = Grant::SendTo { to: send.to.clone() };
    if grants.has(&grant) {
        return Judgement::Allow(vec![grant]);
    }
    let question = format!(
        "Send {} files of this workspace ({} bytes; {} stay here) to {}?",
        send.files, send.bytes, send.left_out, send.to
    );
    Judgement::Ask {
        question,
        grant,
        hint: "choose the remote sandbox in the settings, or name it in the request (`--backend`)".to_owned(),
    }
}

fn names_a_program(command: &CommandLine) -> Judgement {
    let (named, words) = match command {
        CommandLine::Argv(words) => (words.first().is_some_and(|it| !it.is_empty()), words.as_slice()),
        CommandLine::Shell(line) => (!line.trim().is_empty(), std::slice::from_ref(line)),
    };
    words_make_a_command(named, words)
}

fn runner_names_a_program(runner: &Runner) -> Judgement {
    match runner {
        Runner::Pytest { python, args, cwd: _ } | Runner::Unittest { python, args, cwd: _ } => {
            words_make_a_command(!python.is_empty() && !python.contains('\0'), args)
        }
        Runner::Command { command, cwd: _ } => names_a_program(command),
    }
}

fn words_make_a_command(named: bool, words: &[String]) -> Judgement {
    if named && words.iter().all(|it| !it.contains('\0')) {
        Judgement::Allow(Vec::new())
    } else {
        Judgement::deny("the command names no program, or holds a NUL byte", "give the command to run")
    }
}

fn keeps_secrets_out(env: &BTreeMap<String, String>, grants: &Grants) -> Judgement {
    let mut by = Vec::new();
    for (name, value) in env {
        if !secret::is_variable_name(name) || value.contains('\0') {
            return Judgement::deny(
                format!(
                    "`{}` can not be a variable's name, or its value holds a NUL byte",
                    name.escape_debug()
                ),
                "leave it out",
            );
        }
        if !secret::is_secret_variable(name, value) {
            continue;
        }
        let grant = Grant::Env { name: name.clone() };
        if !grants.has(&grant) {
            return Judgement::deny(
                format!("the variable `{name}` looks like a secret, and code under test could read it"),
                format!("name it in the request (`--env {name}`) if the tests need it"),
            );
        }
        by.push(grant);
    }
    Judgement::Allow(by)
}

fn judge_write(write: &WriteFiles, grants: &Grants) -> Judgement {
    let by = match write.reason {
        WriteReason::Accepted => is_consented_to("Apply the patch to", write, grants),
        WriteReason::Kept => is_consented_to("Keep what the command changed in", write, grants),
        WriteReason::Undo => is_consented_to("Undo the change of", write, grants),
        WriteReason::Recovery => return changes_something(write).and(resumes_a_permit(grants)),
    };
    changes_something(write).and(spares_sensitive_files(write, grants)).and(by)
}

fn changes_something(write: &WriteFiles) -> Judgement {
    let mut seen = BTreeSet::new();
    for file in &write.files {
        if !seen.insert(&file.path) {
            return Judgement::deny(
                format!("`{}` is written twice in one change", file.path),
                "make one change of the two",
            );
        }
        if file.before == file.after {
            return Judgement::deny(
                format!("the write of `{}` changes nothing", file.path),
                "leave the file out",
            );
        }
    }
    if write.files.is_empty() {
        return Judgement::deny("the change writes no file", "there is nothing to apply");
    }
    Judgement::Allow(Vec::new())
}

fn spares_sensitive_files(write: &WriteFiles, grants: &Grants) -> Judgement {
    let mut by = Vec::new();
    for file in &write.files {
        let Some(why) = sensitive::why(&file.path) else { continue };
        let grant = Grant::Path { path: file.path.clone() };
        if !grants.has(&grant) {
            return Judgement::deny(
                format!("`{}` is a sensitive file: {why}", file.path),
                "change it by hand, or name the file in the request",
            );
        }
        by.push(grant);
    }
    Judgement::Allow(by)
}

/// `what` begins the question.
fn is_consented_to(what: &str, write: &WriteFiles, grants: &Grants) -> Judgement {
    let grant = Grant::Apply { patch: write.identity() };
    if grants.has(&grant) {
        return Judgement::Allow(vec![grant]);
    }
    let names: Vec<String> = write.files.iter().map(|file| format!("`{}`", file.path)).collect();
    let question = format!("{what} {}?", names.join(", "));
    Judgement::Ask { question, grant, hint: "accept the patch first (`--apply`)".to_owned() }
}

/// An interrupted write had the user's yes, also to its sensitive files; half of it must not stay for want of
/// another. The grant says which permit it goes on from.
fn resumes_a_permit(grants: &Grants) -> Judgement {
    match grants.iter().find(|it| matches!(it, Grant::Resume { .. })) {
        Some(grant) => Judgement::Allow(vec![grant.clone()]),
        None => Judgement::deny(
            "a write can only be finished or rolled back under the permit that it began with",
            "see `bodkin ledger verify`",
        ),
    }
}
