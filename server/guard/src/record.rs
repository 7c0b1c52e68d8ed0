//! How an action stands on the ledger: what was done, never a secret.
//!
//! Variables are recorded by name alone (a hash of a short secret can be guessed), commands redacted.
//! Structs are taken apart field by field, so a new field does not compile until it is decided here.

use serde_json::{Value, json};

use crate::action::{
    Action, CommandLine, FileWrite, Limits, Probe, RunCommand, Runner, SendFiles, WriteFiles,
};
use crate::secret::redact;

/// The ledger's form of an action.
pub(crate) fn of(action: &Action) -> Value {
    match action {
        Action::RunCommand(run) => of_run(run),
        Action::Probe(probe) => of_probe(probe),
        Action::WriteFiles(write) => of_write(write),
        Action::SendFiles(send) => of_send(send),
    }
}

fn of_run(run: &RunCommand) -> Value {
    let RunCommand { purpose, command, cwd, env, network, limits, layer, observe } = run;
    json!({
        "do": "run_command",
        "purpose": purpose,
        "command": of_command(command),
        "cwd": cwd,
        "env": env.keys().collect::<Vec<_>>(),
        "network": network,
        "limits": of_limits(*limits),
        "layer": layer,
        "observe": observe,
    })
}

fn of_probe(probe: &Probe) -> Value {
    let Probe { runner, env, network, limits, layer, candidates, batch } = probe;
    json!({
        "do": "probe",
        "runner": of_runner(runner),
        "env": env.keys().collect::<Vec<_>>(),
        "network": network,
        "limits": of_limits(*limits),
        "layer": layer,
        "candidates": candidates,
        "batch": batch,
    })
}

fn of_write(write: &WriteFiles) -> Value {
    let WriteFiles { reason, through, files } = write;
    let files: Vec<Value> = files
        .iter()
        .map(|FileWrite { path, before, after }| json!({"path": path, "before": before, "after": after}))
        .collect();
    json!({"do": "write_files", "reason": reason, "through": through, "files": files, "patch": write.identity()})
}

fn of_send(send: &SendFiles) -> Value {
    let SendFiles { to, root, files, bytes, left_out } = send;
    json!({"do": "send_files", "to": redact(to), "root": root, "files": files, "bytes": bytes, "left_out": left_out})
}

fn of_runner(runner: &Runner) -> Value {
    match runner {
        Runner::Pytest { python, args, cwd } => {
            json!({"kind": "pytest", "python": redact(python), "args": redacted(args), "cwd": cwd})
        }
        Runner::Unittest { python, args, cwd } => {
            json!({"kind": "unittest", "python": redact(python), "args": redacted(args), "cwd": cwd})
        }
        Runner::Command { command, cwd } => {
            json!({"kind": "command", "command": of_command(command), "cwd": cwd})
        }
    }
}

fn of_command(command: &CommandLine) -> Value {
    match command {
        CommandLine::Argv(words) => json!({"argv": redacted(words)}),
        CommandLine::Shell(line) => json!({"shell": redact(line)}),
    }
}

fn of_limits(limits: Limits) -> Value {
    let Limits { wall_ms, memory_bytes, processes, output_bytes, disk_bytes, test_ms, cpu_ms, file_bytes } =
        limits;
    json!({
        "wall_ms": wall_ms,
        "memory_bytes": memory_bytes,
        "processes": processes,
        "output_bytes": output_bytes,
        "disk_bytes": disk_bytes,
        "test_ms": test_ms,
        "cpu_ms": cpu_ms,
        "file_bytes": file_bytes,
    })
}

fn redacted(words: &[String]) -> Vec<String> {
    words.iter().map(|word| redact(word).into_owned()).collect()
}
